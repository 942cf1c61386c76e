package render

// shape is what a symbol looks like, by the level of a place.
type shape uint8

const (
	prefecture shape = iota
	county
	town
	zone
	market
	province
)
