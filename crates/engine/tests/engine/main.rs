//! The engine through its public face: pass and check over a pool of real Parquet files.

mod agreement;
mod answers;
mod benefits;
mod changes;
mod district;
mod law;
mod pool;
mod purpose;
mod qingyan;
mod refusals;
mod since;
mod trials;
mod types;
