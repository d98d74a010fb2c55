//! Examples of limnos, one lesson a file.
