package tile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"testing"
)

func TestVarint(t *testing.T) {
	for shift := range 64 {
		for _, v := range []uint64{1 << shift, 1<<shift - 1, 1<<shift | 1, math.MaxUint64 >> shift, 0x5a5a_5a5a_5a5a_5a5a >> shift} {
			if got, want := appendVarint([]byte("x"), v), binary.AppendUvarint([]byte("x"), v); !bytes.Equal(got, want) {
				t.Errorf("%#x is % x, want % x", v, got, want)
			}
		}
	}
}

// So many values have hashes in common.
func TestValuesOfALayer(t *testing.T) {
	const n = 300_000
	var w layerWriter
	w.reset("a")
	text := func(i int) []byte { return stringValue(nil, fmt.Sprintf("%x", i*i)) }
	for range 2 {
		for i := range n {
			if got := w.value(text(i)); got != uint32(i) {
				t.Fatalf("value %d has the index %d", i, got)
			}
		}
	}
	if w.valueCount != n {
		t.Errorf("%d values, want %d", w.valueCount, n)
	}
	m := w.mark()
	w.value([]byte{valueUint, 5})
	w.undo(m)
	if got := w.value([]byte{valueUint, 6}); got != n || w.valueCount != n+1 {
		t.Errorf("behind what was undone a value has the index %d of %d", got, w.valueCount)
	}
}
