package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"clustermap/geo"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// schemaDoc is the schema file beside a file of features: titles, units and roles. It
// states no types, so that it refuses nothing.
type schemaDoc struct {
	Schema     string         `json:"$schema"`
	Mark       string         `json:"x-clustermap-import"` // digest of the rest, to tell whether a person has changed it
	Title      string         `json:"title"`
	Credit     *geo.Text      `json:"x-attribution,omitempty"`
	Type       string         `json:"type"`
	Properties jsontext.Value `json:"properties"`
}

type propertyDoc struct {
	Title   string    `json:"title"`
	XTitle  *geo.Text `json:"x-title,omitempty"`
	Role    geo.Role  `json:"x-clustermap-role,omitempty"`
	Unit    *geo.Text `json:"x-unit,omitempty"`
	Hidden  bool      `json:"x-hidden,omitzero"`
	OneOf   []enumDoc `json:"oneOf,omitempty"`
	Order   int       `json:"x-order"`
	OGCRole string    `json:"x-ogc-role,omitempty"`
	Format  string    `json:"format,omitempty"`
}

type enumDoc struct {
	Const  *string   `json:"const,omitempty"`
	Type   string    `json:"type,omitempty"`
	Title  string    `json:"title,omitempty"`
	XTitle *geo.Text `json:"x-title,omitempty"`
}

// WriteSchema writes the schema file that belongs beside the features.
func (r *Result) WriteSchema(w io.Writer) error {
	doc := schemaDoc{Schema: "https://json-schema.org/draft/2020-12/schema", Title: titleOf(r.name), Type: "object"}
	if r.gazetteer {
		doc.Credit = &geo.Text{EN: "Places: GeoNames (geonames.org), CC BY 4.0", ZH: "地点：GeoNames (geonames.org)，CC BY 4.0"}
	}
	props, err := r.propertyDocs()
	if err != nil {
		return err
	}
	doc.Properties = props
	body, err := encodeSchema(doc)
	if err != nil {
		return err
	}
	doc.Mark = markOf(body)
	if body, err = encodeSchema(doc); err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

func encodeSchema(doc schemaDoc) ([]byte, error) {
	body, err := json.Marshal(doc, jsontext.WithIndent("  "), jsontext.AllowInvalidUTF8(true))
	return append(body, '\n'), err
}

func markOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}

// OwnSchema reports whether text is a schema file of WriteSchema that nobody has
// changed since.
func OwnSchema(text []byte) bool {
	var doc schemaDoc
	if json.Unmarshal(text, &doc, json.RejectUnknownMembers(true)) != nil || doc.Mark == "" {
		return false
	}
	mark := doc.Mark
	doc.Mark = ""
	body, err := encodeSchema(doc)
	return err == nil && markOf(body) == mark
}

// titleOf is a title of a file: its name without folder and extension.
func titleOf(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	return Clean(name)
}

// propertyDocs is the object of the properties, in the order of the columns. Of names
// and trades the first has the role: only one can name a feature and colour its symbol.
func (r *Result) propertyDocs() (jsontext.Value, error) {
	var all strings.Builder
	enc := jsontext.NewEncoder(&all, jsontext.AllowInvalidUTF8(true))
	var failed error
	order := 0
	add := func(name string, d propertyDoc) {
		order += 10
		d.Order = order
		failed = errors.Join(failed, enc.WriteToken(jsontext.String(name)), json.MarshalEncode(enc, d))
	}
	failed = enc.WriteToken(jsontext.BeginObject)
	if r.totals {
		add(r.names.division, propertyDoc{Title: "Division", XTitle: &geo.Text{EN: "Division", ZH: "行政区划"}, Role: geo.RoleName})
	}
	given := map[geo.Role]bool{geo.RoleName: r.totals}
	for _, c := range r.columns {
		col := Column{}
		for _, known := range r.roles {
			if known.Column == c.name {
				col = known
			}
		}
		d := propertyDoc{Title: cleanTitle(c.name), Role: schemaRole(col.Role)}
		if d.Role != "" && d.Role != geo.RoleSum && given[d.Role] {
			d.Role = ""
		}
		given[d.Role] = true
		if col.Role == RoleNumber && (col.Unit == "%" || isRate(c.name, "")) {
			d.Role = "" // cannot be added up
		}
		if col.Unit != "" {
			d.Unit = &geo.Text{EN: col.Unit, ZH: col.Unit}
		}
		add(c.name, d)
	}
	r.ownDocs(add)
	failed = errors.Join(failed, enc.WriteToken(jsontext.EndObject))
	return jsontext.Value(strings.TrimSpace(all.String())), failed
}

func cleanTitle(name string) string {
	if t := strings.TrimSpace(Clean(name)); t != "" {
		return t
	}
	return "?"
}

func schemaRole(r Role) geo.Role {
	switch r {
	case RoleName:
		return geo.RoleName
	case RoleTrade:
		return geo.RoleCategory
	case RoleNumber:
		return geo.RoleSum
	case RoleYear:
		return geo.RoleDatetime
	}
	return ""
}

// ownDocs describes the properties that the import adds.
func (r *Result) ownDocs(add func(name string, d propertyDoc)) {
	n := &r.names
	own := func(name, en, zh string, role geo.Role, hidden bool, values []enumDoc) {
		add(name, propertyDoc{Title: en, XTitle: &geo.Text{EN: en, ZH: zh}, Role: role, Hidden: hidden, OneOf: values})
	}
	if r.sheets {
		own(n.sheet, "Sheet", "工作表", "", false, nil)
	}
	own(n.adcode, "Division code", "行政区划代码", geo.RoleAdcode, true, nil)
	if r.several {
		own(n.adcodes, "Division codes", "各地行政区划代码", "", true, nil)
	}
	if r.differed {
		own(n.adcode2007, "Division code in 2007", "2007年行政区划代码", "", true, nil)
	}
	own(n.level, "Level", "层级", geo.RoleShape, false, levelTitles())
	own(n.precision, "Precision of the point", "位置精度", geo.RolePrecision, false, precisionTitles())
	own(n.confidence, "Confidence of the place", "定位可信度", "", false, nil)
	own(n.reasons, "Why it stands here", "定位依据", "", true, nil)
	own(n.alternatives, "Places considered", "其他可能地点", "", true, nil)
	own(n.point, "Source of the point", "点位来源", "", true, nil)
}

func titled(values ...[3]string) []enumDoc {
	var all []enumDoc
	for _, v := range values {
		all = append(all, enumDoc{Const: &v[0], Title: v[1], XTitle: &geo.Text{EN: v[1], ZH: v[2]}})
	}
	return append(all, enumDoc{Type: "null"})
}

// levelTitles are the levels of places in words, and null.
func levelTitles() []enumDoc {
	return titled([3]string{"province", "Province", "省级"}, [3]string{"prefecture", "Prefecture", "地级"}, [3]string{"county", "County", "县级"},
		[3]string{"town", "Town", "乡镇街道"}, [3]string{"zone", "Zone", "园区"}, [3]string{"market", "Market", "市场"})
}

// precisionTitles are the classes of precision in words, and null.
func precisionTitles() []enumDoc {
	return titled([3]string{"given", "Coordinates of the table", "表中坐标"}, [3]string{"corrected", "Set by a person", "人工定位"},
		[3]string{"market", "Market", "市场"}, [3]string{"zone", "Zone", "园区"}, [3]string{"town_seat", "Seat of the town", "乡镇驻地"},
		[3]string{"county_seat", "Seat of the county", "县级驻地"}, [3]string{"prefecture_seat", "Seat of the prefecture", "地级驻地"},
		[3]string{"province_seat", "Seat of the province", "省级驻地"},
		[3]string{"host_seat", "Seat of the host unit", "宿主单位驻地"}, [3]string{"approximate", "Approximate", "约略"})
}
