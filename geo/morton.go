package geo

// Morton is the place of a cell on the Morton curve: the bits of x and y in turns, the
// last of x last.
func Morton(x, y uint32) uint64 { return spread(x) | spread(y)<<1 }

// Unmorton is the inverse of Morton.
func Unmorton(w uint64) (x, y uint32) { return unspread(w), unspread(w >> 1) }

// spread puts a zero before each bit.
func spread(v uint32) uint64 {
	w := uint64(v)
	w = (w | w<<16) & 0x0000ffff0000ffff
	w = (w | w<<8) & 0x00ff00ff00ff00ff
	w = (w | w<<4) & 0x0f0f0f0f0f0f0f0f
	w = (w | w<<2) & 0x3333333333333333
	return (w | w<<1) & 0x5555555555555555
}

// unspread takes every second bit.
func unspread(w uint64) uint32 {
	w &= 0x5555555555555555
	w = (w | w>>1) & 0x3333333333333333
	w = (w | w>>2) & 0x0f0f0f0f0f0f0f0f
	w = (w | w>>4) & 0x00ff00ff00ff00ff
	w = (w | w>>8) & 0x0000ffff0000ffff
	return uint32(w | w>>16)
}
