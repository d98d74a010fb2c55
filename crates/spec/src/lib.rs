//! What a limnos network is: descriptions, connectors, random numbers, fixed point, kernel twins. No GPU.
