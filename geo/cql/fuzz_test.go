package cql

import (
	"testing"
)

func addSeeds(f *testing.F, add func(v filterVector)) {
	var vectors []filterVector
	readVectors(f, "testdata/filters.json", &vectors)
	for _, v := range vectors {
		add(v)
	}
}

func FuzzParseText(f *testing.F) {
	addSeeds(f, func(v filterVector) { f.Add(v.Text) })
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseText(s)
		if err != nil {
			checkRefused(t, s, err)
			return
		}
		if len(Text(e)) <= MaxLength && len(JSON(e)) <= MaxLength {
			checkRoundTrip(t, e)
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	addSeeds(f, func(v filterVector) { f.Add([]byte(v.JSON)) })
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseJSON(b)
		if err != nil {
			checkRefused(t, string(b), err)
			return
		}
		if len(Text(e)) <= MaxLength && len(JSON(e)) <= MaxLength {
			checkRoundTrip(t, e)
		}
	})
}
