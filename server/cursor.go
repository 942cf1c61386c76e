package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"

	"clustermap/geo"
)

// A cursor says after which feature a page begins and of which query. It is
// base64url without padding of
//
//	version 2 | kind of id: 's' string, 'n' number | 8 bytes hash of the query |
//	length of keys, uvarint | keys: a JSON array of the values that order, or nothing |
//	id | 4 bytes checksum
//
// It holds no secret: whoever forges one gets a page that he could have had by
// asking for it.
const (
	cursorVersion = 2
	cursorHead    = 2 + 8
	cursorSum     = 4
	maxCursor     = 32 << 10 // base64 characters
)

// formatCursor makes the cursor that continues the query after a feature.
func formatCursor(after geo.Position, query uint64) string {
	kind := byte('s')
	if after.ID.IsNumber() {
		kind = 'n'
	}
	b := binary.BigEndian.AppendUint64([]byte{cursorVersion, kind}, query)
	keys := formatKeys(after.Keys)
	b = binary.AppendUvarint(b, uint64(len(keys)))
	b = append(append(b, keys...), after.ID.String()...)
	return base64.RawURLEncoding.EncodeToString(append(b, checksum(b)...))
}

func formatKeys(keys []geo.Value) []byte {
	if len(keys) == 0 {
		return nil
	}
	b := []byte{'['}
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, k.JSON()...)
	}
	return append(b, ']')
}

// parseCursor reads the cursor of a query that orders by so many keys.
func parseCursor(s string, query uint64, keys int) (geo.Position, error) {
	damaged := invalid("cursor", "is damaged; take it whole from a next link, or leave it out to begin at the start")
	if len(s) > maxCursor {
		return geo.Position{}, damaged
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < cursorHead+1+cursorSum || b[0] != cursorVersion {
		return geo.Position{}, damaged
	}
	body, sum := b[:len(b)-cursorSum], b[len(b)-cursorSum:]
	if string(sum) != string(checksum(body)) {
		return geo.Position{}, damaged
	}
	if binary.BigEndian.Uint64(body[2:]) != query {
		return geo.Position{}, invalid("cursor", "belongs to another query; leave it out to begin this one at the start")
	}
	n, size := binary.Uvarint(body[cursorHead:])
	rest := body[cursorHead:]
	if size <= 0 || n > uint64(len(rest)-size) {
		return geo.Position{}, damaged
	}
	rest = rest[size:]
	at := geo.Position{}
	if at.Keys, err = parseKeys(rest[:n]); err != nil || len(at.Keys) != keys {
		return geo.Position{}, damaged
	}
	if at.ID, err = parseCursorID(body[1], string(rest[n:])); err != nil {
		return geo.Position{}, damaged
	}
	return at, nil
}

func parseCursorID(kind byte, id string) (geo.ID, error) {
	switch kind {
	case 's':
		return geo.StringID(id), nil
	case 'n':
		return geo.NumberID(id)
	}
	return geo.ID{}, errors.New("no kind of id")
}

// parseKeys reads scalars, which are all that orders.
func parseKeys(b []byte) ([]geo.Value, error) {
	if len(b) == 0 {
		return nil, nil
	}
	var raw []any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&raw); err != nil {
		return nil, err
	}
	keys := make([]geo.Value, len(raw))
	for i, v := range raw {
		switch v := v.(type) {
		case nil:
		case string:
			keys[i] = geo.StringValue(v)
		case json.Number:
			n, ok := geo.ParseNumber(v.String())
			if !ok {
				return nil, errors.New("not a number of float64")
			}
			keys[i] = n
		case bool:
			keys[i] = geo.BoolValue(v)
		default:
			return nil, errors.New("not a scalar")
		}
	}
	return keys, nil
}

func checksum(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:cursorSum]
}

// queryHash tells queries apart: the collection and what selects its features,
// without the size and place of the page.
func queryHash(collection string, filter params) uint64 {
	b := append(make([]byte, 0, 128), collection...)
	for _, p := range filter {
		b = append(b, 0)
		b = append(b, p.name...)
		b = append(b, 0)
		b = append(b, p.value...)
	}
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:])
}
