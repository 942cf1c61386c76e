package ingest

// arena keeps many byte strings in few pieces of memory.
type arena struct {
	chunks [][]byte
	size   int64
}

// span is a byte string in an arena.
type span struct{ chunk, lo, hi uint32 }

const chunkSize = 1 << 20

func (a *arena) keep(b []byte) span {
	last := len(a.chunks) - 1
	if last < 0 || cap(a.chunks[last])-len(a.chunks[last]) < len(b) {
		a.chunks = append(a.chunks, make([]byte, 0, max(chunkSize, len(b))))
		last++
	}
	lo := len(a.chunks[last])
	a.chunks[last] = append(a.chunks[last], b...)
	a.size += int64(len(b))
	return span{uint32(last), uint32(lo), uint32(lo + len(b))}
}

// of is the byte string, which must not be changed.
func (a *arena) of(s span) []byte { return a.chunks[s.chunk][s.lo:s.hi] }
