package cql

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

const sixClauses = `firms >= 500 AND industry IN ('electronics', 'textiles', 'vehicles') AND name LIKE '深圳%' ` +
	`AND updated BETWEEN DATE('2020-01-01') AND DATE('2024-12-31') AND NOT (status = 'closed' OR patents IS NULL) ` +
	`AND S_INTERSECTS(geometry, POLYGON((112.5 21.9, 115.4 21.9, 115.4 24.1, 112.5 24.1, 112.5 21.9)))`

// BenchmarkParseText reads a filter of six clauses; BenchmarkScan is the plain
// scan, by tokens, of the same filter in JSON. Parsing may take 10 times as long.
func BenchmarkParseText(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseText(sixClauses); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseJSON(b *testing.B) {
	encoded := encodedClauses(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseJSON(encoded); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	encoded := encodedClauses(b)
	b.ReportAllocs()
	for b.Loop() {
		dec := jsontext.NewDecoder(bytes.NewBuffer(encoded))
		for {
			if _, err := dec.ReadToken(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	e, err := ParseText(sixClauses)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Text(Canonical(e))
	}
}

func encodedClauses(b *testing.B) []byte {
	e, err := ParseText(sixClauses)
	if err != nil {
		b.Fatal(err)
	}
	return JSON(e)
}
