package geo

import "sync"

// derived is what others made of an Index, by key.
type derived struct{ made sync.Map }

type derivedValue struct {
	once  sync.Once
	value any
}

// Derived is what build made of the Index when it was first called for key, which
// is comparable and of the caller's own type. It is kept as long as the Index; who
// asks while it is built waits.
func (x *Index) Derived(key any, build func() any) any {
	v, ok := x.derived.made.Load(key)
	if !ok {
		v, _ = x.derived.made.LoadOrStore(key, new(derivedValue))
	}
	d := v.(*derivedValue)
	d.once.Do(func() { d.value = build() })
	return d.value
}
