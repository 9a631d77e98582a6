//! The order in which a `java.util.HashMap` with texts as keys goes through its entries.

use super::number::string_hash_code;

/// The order of `new HashMap(map)`, whose table is made for the number of keys: positions into `keys`, which stand in
/// the order of insertion.
pub fn order_of_copy(keys: &[&str]) -> Vec<usize> {
    let wanted = (keys.len() as f32 / 0.75 + 1.0) as usize;
    order(keys, wanted.next_power_of_two())
}

/// The order of `new HashMap()` that grew with each `put`.
pub fn order_of_grown(keys: &[&str]) -> Vec<usize> {
    order_of_made_for(keys, 16)
}

/// The order of `new HashMap(capacity)` that grew with each `put`.
pub fn order_of_made_for(keys: &[&str], capacity: usize) -> Vec<usize> {
    let mut buckets = capacity.next_power_of_two();
    while keys.len() > buckets * 3 / 4 {
        buckets *= 2;
    }
    order(keys, buckets)
}

/// Bucket by bucket; within one as they were put in.
fn order(keys: &[&str], buckets: usize) -> Vec<usize> {
    let bucket = |at: &usize| {
        let code = string_hash_code(keys[*at]) as u32;
        (code ^ code >> 16) as usize & (buckets - 1)
    };
    let mut positions: Vec<usize> = (0..keys.len()).collect();
    positions.sort_by_cached_key(bucket);
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines `KEYS | ORDER of new HashMap(linked) | ORDER of a grown one`, printed by Java 17.
    #[test]
    fn orders_are_those_of_java() {
        for line in include_str!("../../fixtures/java/hash_map.txt").lines() {
            let columns: Vec<Vec<&str>> = line.split(" | ").map(|column| column.split(' ').collect()).collect();
            let named = |order: Vec<usize>| order.into_iter().map(|at| columns[0][at]).collect::<Vec<_>>();
            assert_eq!(named(order_of_copy(&columns[0])), columns[1], "{line}");
            assert_eq!(named(order_of_grown(&columns[0])), columns[2], "{line}");
        }
        assert!(order_of_copy(&[]).is_empty());
    }
}
