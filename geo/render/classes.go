package render

// class is a range of counts with a colour.
type class struct {
	from, to int // inclusive; to 0: no end
	n        int // areas
}
