//! Tests of the public face: refusals with their texts, real data, encoders, measures, damaged bytes.

mod arrays;
mod bad_arguments;
mod bad_files;
mod bad_folders;
mod bad_measures;
mod damage;
mod encoders;
mod forecasting;
mod hearing;
mod real_data;
mod sound;
mod spike_statistics;
mod support;
mod synthetic;
