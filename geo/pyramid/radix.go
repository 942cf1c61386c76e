package pyramid

// keyed is a value to be sorted by its key.
type keyed struct {
	key   uint64
	value uint32
}

// radixSort sorts by key and keeps the order of equals; it returns the sorted
// slice and the other, whose contents are no use. other is as long as all.
func radixSort(all, other []keyed) (sorted, rest []keyed) {
	var bits uint64
	for _, k := range all {
		bits |= k.key
	}
	const step = 11
	var count [1 << step]int
	for shift := uint(0); shift < 64 && bits>>shift != 0; shift += step {
		clear(count[:])
		for _, k := range all {
			count[k.key>>shift&(1<<step-1)]++
		}
		sum := 0
		for i, c := range count {
			count[i], sum = sum, sum+c
		}
		for _, k := range all {
			d := k.key >> shift & (1<<step - 1)
			other[count[d]] = k
			count[d]++
		}
		all, other = other, all
	}
	return all, other
}
