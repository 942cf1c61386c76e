package archive

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// metadata is the JSON object that PMTiles keeps, and MBTiles as a table.
type metadata struct {
	Name        text    `json:"name,omitempty"`
	Description text    `json:"description,omitempty"`
	Attribution text    `json:"attribution,omitempty"`
	Type        text    `json:"type,omitempty"`
	Version     text    `json:"version,omitempty"`
	Layers      []Layer `json:"vector_layers,omitempty"`
}

// text is a string. Other values, which some programs write where a string
// belongs, are read as theirs.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) != nil && string(b) != "null" {
		s = string(b)
	}
	*t = text(strings.ToValidUTF8(s, "\uFFFD"))
	return nil
}

// maxLayers is how many layers are read; the rest is hardly for people.
const maxLayers = 1000

func parseMetadata(format string, b []byte) (*metadata, error) {
	m := new(metadata)
	if err := json.Unmarshal(b, m); err != nil {
		return nil, &CorruptError{format, "metadata", "is not the JSON that is expected: " + err.Error()}
	}
	if len(m.Layers) > maxLayers {
		return nil, &CorruptError{format, "metadata", "has more than " + strconv.Itoa(maxLayers) + " layers"}
	}
	return m, nil
}

func (m *metadata) info() Info {
	return Info{
		Name: string(m.Name), Description: string(m.Description), Attribution: string(m.Attribution),
		Version: string(m.Version), Overlay: m.Type == "overlay", Layers: m.Layers,
	}
}

// UnmarshalJSON takes a layer that names no zooms for one of all zooms.
func (l *Layer) UnmarshalJSON(b []byte) error {
	type plain Layer
	p := plain{MaxZoom: MaxZoom, Fields: map[string]string{}}
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	*l = Layer(p)
	return nil
}

func metadataOf(i *Info) *metadata {
	return &metadata{text(i.Name), text(i.Description), text(i.Attribution), text(i.typeName()), text(i.Version), i.Layers}
}

func (i *Info) typeName() string {
	if i.Overlay {
		return "overlay"
	}
	return "baselayer"
}

// json is the metadata as PMTiles keeps them, with what Extra adds.
func (i *Info) json() ([]byte, error) {
	b, err := json.Marshal(metadataOf(i))
	if err != nil || len(i.Extra) == 0 {
		return b, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(i.Extra)) {
		if all[name], err = json.Marshal(i.Extra[name]); err != nil {
			return nil, err
		}
	}
	return json.Marshal(all)
}
