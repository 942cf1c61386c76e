package share

import "math"

// Chance is the probability, by the hypergeometric distribution, that a unit with total of
// all features holds a number of those under study that is as far from its expectation as
// count is, were the subject features dealt out over all features: twice the lesser tail,
// at most 1 (Fisher's exact test with the tail doubled; Agresti 2002, Categorical Data
// Analysis, section 3.5). It is NaN where the numbers do not fit each other.
func Chance(count, total, subject, all int) float64 {
	if count < 0 || total < count || subject < count || all < total || all < subject || count < total+subject-all {
		return math.NaN()
	}
	at := math.Exp(choose(subject, count) + choose(all-subject, total-count) - choose(all, total))
	upper, lower := at, at
	for k, p := count, at; k < min(total, subject) && p > tiny*upper; k++ {
		p *= float64(subject-k) * float64(total-k) / (float64(k+1) * float64(all-subject-total+k+1))
		upper += p
	}
	for k, p := count, at; k > max(0, total+subject-all) && p > tiny*lower; k-- {
		p *= float64(k) * float64(all-subject-total+k) / (float64(subject-k+1) * float64(total-k+1))
		lower += p
	}
	return min(1, 2*min(upper, lower))
}

// tiny is the part of a sum at which further summands do not change it.
const tiny = 1e-17

// choose is the logarithm of the number of ways to choose k of n.
func choose(n, k int) float64 {
	f := func(n int) float64 { v, _ := math.Lgamma(float64(n) + 1); return v }
	return f(n) - f(k) - f(n-k)
}
