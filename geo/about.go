package geo

// About is what a reader has to know before trusting a collection. It is told by the
// keyword x-about of a schema file.
type About struct {
	Completeness *Text   `json:"completeness,omitempty"` // what is missing, and what that means; said with each answer
	License      *Cited  `json:"license,omitempty"`
	Sources      []Cited `json:"sources,omitempty"`
	Faults       []Text  `json:"faults,omitempty"` // that are known
}

// Cited is a text with the address of what it speaks of, if there is one.
type Cited struct {
	Text
	Href string `json:"href,omitempty"`
}
