//! One step of a stored trajectory: a number, or a list of them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

/// The dimensions of one step.
pub(crate) struct Row(pub Vec<f64>);

impl<'de> Deserialize<'de> for Row {
    // By hand: the untagged enum of serde would keep a copy of every number.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrList)
    }
}

struct NumberOrList;

impl<'de> Visitor<'de> for NumberOrList {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list of numbers")
    }

    fn visit_f64<E>(self, x: f64) -> Result<Row, E> {
        Ok(Row(vec![x]))
    }

    fn visit_i64<E>(self, x: i64) -> Result<Row, E> {
        Ok(Row(vec![x as f64]))
    }

    fn visit_u64<E>(self, x: u64) -> Result<Row, E> {
        Ok(Row(vec![x as f64]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Row, A::Error> {
        let mut row = Vec::new();
        while let Some(x) = list.next_element()? {
            row.push(x);
        }
        Ok(Row(row))
    }
}
