package gazetteer

import (
	"slices"
	"unicode/utf8"
)

// trie holds names so that all that begin at a place of a text are found in one walk.
// Its nodes lie in the order of their depth, the branches of each side by side.
type trie struct {
	roots    map[rune]int32 // the branches of the root, which are too many to search
	nodes    []trieNode
	branches []rune  // by which
	to       []int32 // a node
}

type trieNode struct {
	first, end int32 // of its branches
	value      int32 // -1: no name ends here
}

// newTrie makes a trie of names, which must be sorted and without doubles. The value of a
// name is its index.
func newTrie(names []string) *trie {
	t := &trie{roots: make(map[rune]int32)}
	type span struct{ from, end, depth int } // names that share depth bytes
	todo := []span{{0, len(names), 0}}
	for i := 0; i < len(todo); i++ {
		s := todo[i]
		node := trieNode{first: int32(len(t.branches)), value: -1}
		at := s.from
		if at < s.end && len(names[at]) == s.depth {
			node.value = int32(at)
			at++
		}
		for at < s.end {
			r, n := utf8.DecodeRuneInString(names[at][s.depth:])
			next := at
			for next < s.end && len(names[next]) >= s.depth+n && names[next][s.depth:s.depth+n] == names[at][s.depth:s.depth+n] {
				next++
			}
			t.branches = append(t.branches, r)
			t.to = append(t.to, int32(len(todo)))
			todo = append(todo, span{at, next, s.depth + n})
			at = next
		}
		node.end = int32(len(t.branches))
		t.nodes = append(t.nodes, node)
	}
	for i := t.nodes[0].first; i < t.nodes[0].end; i++ {
		t.roots[t.branches[i]] = t.to[i]
	}
	return t
}

// step goes from a node along a rune; the root is 0.
func (t *trie) step(node int32, r rune) (int32, bool) {
	if node == 0 {
		next, ok := t.roots[r]
		return next, ok
	}
	n := t.nodes[node]
	if i, ok := slices.BinarySearch(t.branches[n.first:n.end], r); ok {
		return t.to[int(n.first)+i], true
	}
	return 0, false
}

// longest is how many runes the longest name at the beginning of a text has, and its value.
func (t *trie) longest(s []rune) (length int, value int32) {
	node := int32(0)
	for i, r := range s {
		next, ok := t.step(node, r)
		if !ok {
			break
		}
		if node = next; t.nodes[node].value >= 0 {
			length, value = i+1, t.nodes[node].value
		}
	}
	return length, value
}

// find is the value of a name, -1 if there is none.
func (t *trie) find(name string) int32 {
	node := int32(0)
	for _, r := range name {
		next, ok := t.step(node, r)
		if !ok {
			return -1
		}
		node = next
	}
	return t.nodes[node].value
}
