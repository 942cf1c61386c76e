package draw

import "testing"

// What is shifted stands elsewhere, and what it was made of stays.
func TestShift(t *testing.T) {
	var box Path
	box.Rect(Rect{1, 2, 3, 4})
	l := &Layer{Name: "a", Clip: &Rect{0, 0, 9, 9}, Items: []Item{
		&Shape{Path: box}, &Text{X: 1, Y: 2}, &Mark{X: 3, Y: 4}, &Group{Items: []Item{&Text{X: 5, Y: 6}}},
	}}
	m := l.Shift(10, 20)
	if got := m.Items[0].(*Shape).Path.Bounds(); got != (Rect{11, 22, 3, 4}) {
		t.Errorf("the shape is at %v", got)
	}
	if got := m.Items[3].(*Group).Items[0].(*Text); got.X != 15 || got.Y != 26 {
		t.Errorf("the text of the group is at %v, %v", got.X, got.Y)
	}
	if text, mark := m.Items[1].(*Text), m.Items[2].(*Mark); text.X != 11 || mark.Y != 24 || *m.Clip != (Rect{10, 20, 9, 9}) {
		t.Errorf("text, mark and clip are at %v, %v, %v", text.X, mark.Y, *m.Clip)
	}
	if got := l.Items[0].(*Shape).Path.Bounds(); got != (Rect{1, 2, 3, 4}) || l.Items[1].(*Text).X != 1 {
		t.Errorf("the layer itself moved to %v", got)
	}
}
