package ingest

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo/table"
)

// maxID is how many bytes a key may have to be an id.
const maxID = 200

// keyOf is the key of a row, "" where it has none that can be an id.
func (l *layout) keyOf(row table.Row) string {
	switch {
	case l.keyless:
		return ""
	case len(l.key) == 0:
		return usableID(row.ID)
	}
	var parts []string
	for _, i := range l.key {
		if i >= len(row.Cells) || exactText(row.Cells[i]) == "" {
			return ""
		}
		parts = append(parts, exactText(row.Cells[i]))
	}
	return usableID(strings.Join(parts, "/"))
}

func usableID(s string) string {
	if s == "." || s == ".." || len(s) > maxID || strings.ContainsFunc(s, func(r rune) bool { return visible(r) != r }) {
		return ""
	}
	return strings.Clone(strings.ToValidUTF8(s, "�"))
}

// text is the id of the row where no other has the same.
func (id *ident) text() string {
	if id.base != "" {
		return id.base
	}
	return hex.EncodeToString(id.digest[:8])
}

// identify gives each row its id: its key, or what its content makes. Of rows that
// would have the same, all but the first get a number, in the order of their content.
// So ids do not depend on the order of the rows.
func (im *importer) identify() {
	all := im.idents
	slices.SortFunc(all, func(a, b ident) int {
		return cmp.Or(strings.Compare(a.text(), b.text()), bytes.Compare(a.digest[:], b.digest[:]), cmp.Compare(a.fate, b.fate))
	})
	taken := make(map[string]bool) // ids with numbers
	isBase := func(id string) bool {
		_, found := slices.BinarySearchFunc(all, id, func(e ident, id string) int { return strings.Compare(e.text(), id) })
		return found
	}
	n := 1
	for i := range all {
		fate := &im.rows[all[i].fate]
		base := all[i].text()
		fate.base, fate.ID = base, base
		if i == 0 || base != im.rows[all[i-1].fate].base {
			n = 1
			continue
		}
		for {
			n++
			if fate.ID = base + "-" + strconv.Itoa(n); !isBase(fate.ID) && !taken[fate.ID] {
				break
			}
		}
		taken[fate.ID] = true
		first := &im.rows[all[i-1].fate]
		if all[i].digest == all[i-1].digest {
			if fate.Same = first.Same; fate.Same == 0 {
				fate.Same = first.Row
			}
		} else {
			fate.remarks = append(fate.remarks, Reason{Code: "key-twice", Args: []string{clip(base)}})
		}
	}
}

// cutNumber takes the number off an id that identify has put there.
func cutNumber(id string) (base string, ok bool) {
	i := strings.LastIndexByte(id, '-')
	if i <= 0 || i == len(id)-1 || strings.Trim(id[i+1:], "0123456789") != "" {
		return "", false
	}
	return id[:i], true
}

// finish gives the features their ids and puts them in order.
func (im *importer) finish() *Result {
	r := &Result{texts: im.texts, columns: im.enc.columns, names: im.enc.names, name: im.opt.Name, totals: im.totals != nil, roles: im.opt.Mapping.Columns,
		several: im.enc.several, differed: im.enc.differed, gazetteer: im.enc.gazetteer, sheets: im.enc.sheets}
	r.features = make([]feature, len(im.features))
	taken := make(map[string]bool) // of rows that gave several features
	if im.opt.Mapping.Split {
		for i := range im.rows {
			taken[im.rows[i].ID] = true
		}
	}
	for i, p := range im.features {
		id := im.rows[p.fate].ID
		if p.spot > 0 {
			for id += "." + strconv.Itoa(p.spot); taken[id]; id += "'" {
			}
		}
		r.features[i] = feature{id, p.body}
	}
	slices.SortFunc(r.features, func(a, b feature) int { return strings.Compare(a.id, b.id) })
	r.Report = im.report(len(r.features))
	return r
}
