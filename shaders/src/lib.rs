//! All WGSL of the limnos reservoir engine, as text.
