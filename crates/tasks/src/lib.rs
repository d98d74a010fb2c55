//! Data readers, spike encoders and embedded data for limnos.
