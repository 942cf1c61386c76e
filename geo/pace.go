package geo

import "context"

// Pace looks at a context now and then, for loops whose steps are too short to look
// each time. It is for one goroutine. The nil Pace never ends.
type Pace struct {
	ctx   context.Context
	left  int
	ended bool
}

// NewPace is a Pace that ends when ctx does.
func NewPace(ctx context.Context) *Pace { return &Pace{ctx: ctx} }

// Over takes so many steps, of some 10 ns each, and reports whether ctx has ended:
// what is computed from then on has no meaning.
func (p *Pace) Over(steps int) bool {
	if p == nil {
		return false
	}
	if p.left -= steps; p.left < 0 {
		const often = 1 << 14
		p.left, p.ended = often, p.ended || p.ctx.Err() != nil
	}
	return p.ended
}
