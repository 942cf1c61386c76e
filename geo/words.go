package geo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of the text search. The memory of its index is 4 bytes for each
// different term of a feature, at most 2 kB a feature beside its names, and some
// 30 bytes for each different term of the collection.
const (
	maxText      = 4096 // bytes of a text that are searched
	maxTerms     = 512  // different terms of a feature, names apart
	maxWords     = 32   // words of a question
	maxWordsText = 1000 // bytes of a question
)

// ParseWords reads the text of a search: terms of words, a comma apart, of which one
// must be found whole (OGC API - Features Part 9, draft). It returns the words
// folded, one space or comma apart, so that equal searches have equal texts. It
// returns *InvalidError where there is no word, or too many.
func ParseWords(text string) (string, error) {
	if len(text) > maxWordsText {
		return "", &InvalidError{Field: "q", Reason: fmt.Sprintf("has %d bytes; %d are allowed", len(text), maxWordsText)}
	}
	var terms []string
	total := 0
	for _, term := range termsOf(text) {
		var words []string
		for _, w := range term {
			words = append(words, string(w.text))
		}
		total += len(words)
		if t := strings.Join(words, " "); !slices.Contains(terms, t) {
			terms = append(terms, t)
		}
	}
	switch {
	case total == 0:
		return "", &InvalidError{Field: "q", Reason: fmt.Sprintf("%q has no letter and no digit to search for", clip(text))}
	case total > maxWords:
		return "", &InvalidError{Field: "q", Reason: fmt.Sprintf("has %d words; %d are allowed", total, maxWords)}
	}
	return strings.Join(terms, ","), nil
}

// termsOf cuts a question at its commas, those of Chinese too, into words; those
// without a word are left out.
func termsOf(text string) [][]word {
	var terms [][]word
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，、", r) }) {
		if words := wordsOf(part); len(words) > 0 {
			terms = append(terms, words)
		}
	}
	return terms
}

// word is a run of letters and digits, or of the scripts written without spaces.
type word struct {
	text  []rune
	dense bool // Chinese characters or kana
}

// wordsOf cuts a text into folded words: letters small, without accents and of
// plain width (Unicode compatibility decomposition). An apostrophe does not end
// a word, so Xi'an is xian.
func wordsOf(text string) []word {
	var words []word
	open := false
	for _, r := range foldText(text) {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			if !open || !words[len(words)-1].dense {
				words = append(words, word{dense: true})
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if !open || words[len(words)-1].dense {
				words = append(words, word{})
			}
		case open && (r == '\'' || r == '’' || r == 'ʼ'):
			continue
		default:
			open = false
			continue
		}
		open = true
		last := &words[len(words)-1]
		last.text = append(last.text, r)
	}
	return words
}

// foldText makes a text small and takes its accents.
func foldText(s string) string {
	plain := true
	for _, r := range s {
		plain = plain && (r < 0x80 || 0x4e00 <= r && r <= 0x9fff)
	}
	s = strings.ToLower(s)
	if plain {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		const from, to = "øđłıæœß", "odliaos" // letters that do not decompose
		if i := strings.IndexRune(from, r); i >= 0 {
			return rune(to[i/2])
		}
		return r
	}, strings.ToLower(norm.NFKD.String(s)))
}

// wordIndex finds features by words. It is made when it is first asked.
type wordIndex struct {
	once    sync.Once
	terms   []string // sorted
	starts  []int    // the postings of terms[i] are postings[starts[i]:starts[i+1]]
	posts   []uint32 // slot·2, plus 1 where a name has the term; ascending for each term
	names   []nameHashes
	lengths []uint8 // terms of all names of a slot
	mean    float64 // of lengths
}

// nameHashes tell by slot, for one property of names, the hash of the whole name
// and of its pinyin; 0 where there is none.
type nameHashes struct{ text, pinyin []uint32 }

// A term of pinyin begins with this byte; the two syllables of a pair have a
// space between them.
const pinyinMark = "\x01"

// wordBuilder gathers the terms of features, slot by slot.
type wordBuilder struct {
	x        *Index
	props    map[string]*wordProperty
	ids      map[string]uint32
	pairs    map[[2]rune]uint32   // of characters to terms; the first is 0 for one alone
	spoken   map[[2]uint32]uint32 // of the terms of syllables to those of pairs
	terms    []string
	seen     []uint32 // by term: the slot that had it last, plus 1
	at       []int    // by term: where in stream it has it
	stream   []uint32 // term·2 + name, slot after slot
	ends     []int    // of the slots in stream
	readings *readings
	text     wordText // of the texts that are not kept
	out      wordIndex
}

// wordProperty is a property that is searched.
type wordProperty struct {
	name  bool
	place int                  // in wordIndex.names
	cache map[string]*wordText // nil where texts hardly come again
}

// wordText is what a text gives to the index.
type wordText struct {
	terms        []uint32
	length       int
	text, pinyin uint32
}

// searchable reports whether the texts of a property are searched: strings and
// arrays of them, but not ids and hidden codes.
func (p *Property) searchable() bool {
	if p.Role == RoleID || p.Role == RoleAdcode && p.Hidden {
		return false
	}
	return p.Type == TypeString || p.Type == TypeMixed || p.Type == TypeArray && (p.Items == TypeString || p.Items == TypeMixed)
}

func (x *Index) buildWords() {
	b := &wordBuilder{x: x, props: make(map[string]*wordProperty), ids: make(map[string]uint32),
		pairs: make(map[[2]rune]uint32), spoken: make(map[[2]uint32]uint32), readings: newReadings()}
	b.out.lengths = make([]uint8, x.Len())
	for i := range x.Schema().Properties {
		p := &x.schema.Properties[i]
		if !p.searchable() {
			continue
		}
		wp := &wordProperty{name: p.Role == RoleName, place: len(b.out.names)}
		if c := x.columns[p.Name]; c != nil && !c.hashed {
			wp.cache = make(map[string]*wordText)
		}
		if wp.name {
			b.out.names = append(b.out.names, nameHashes{make([]uint32, x.Len()), make([]uint32, x.Len())})
		}
		b.props[p.Name] = wp
	}
	for slot := range uint32(x.Len()) {
		b.add(slot)
		b.ends = append(b.ends, len(b.stream))
	}
	b.finish()
	w := &x.words
	w.terms, w.starts, w.posts, w.names, w.lengths, w.mean = b.out.terms, b.out.starts, b.out.posts, b.out.names, b.out.lengths, b.out.mean
}

// add takes the texts of one feature.
func (b *wordBuilder) add(slot uint32) {
	raw := b.x.raw(slot)
	lo, hi := propertiesSpan(raw)
	p := parser{b: raw[:hi], i: lo}
	_ = p.members(func(_ int, key []byte) error {
		wp := b.props[string(key)]
		switch {
		case wp != nil && p.b[p.i] == '"':
			text, err := p.str()
			b.take(slot, wp, text)
			return err
		case wp != nil && p.b[p.i] == '[':
			return p.array(func(int) error {
				if p.b[p.i] != '"' {
					p.skip()
					return nil
				}
				text, err := p.str()
				b.take(slot, wp, text)
				return err
			})
		}
		p.skip()
		return nil
	})
}

// take puts the terms of a text of the slot into the stream.
func (b *wordBuilder) take(slot uint32, p *wordProperty, text []byte) {
	t := p.cache[string(text)]
	if t == nil {
		if t = &b.text; p.cache != nil {
			t = new(wordText)
			p.cache[string(text)] = t
		}
		b.read(t, string(text), p.name)
	}
	first := 0
	if slot > 0 {
		first = b.ends[slot-1]
	}
	for _, id := range t.terms {
		flag := uint32(0)
		if p.name {
			flag = 1
		}
		switch {
		case b.seen[id] == slot+1:
			b.stream[b.at[id]] |= flag
		case p.name || len(b.stream)-first < maxTerms:
			b.seen[id], b.at[id] = slot+1, len(b.stream)
			b.stream = append(b.stream, id<<1|flag)
		}
	}
	if p.name {
		b.out.names[p.place].text[slot], b.out.names[p.place].pinyin[slot] = t.text, t.pinyin
		b.out.lengths[slot] = uint8(min(math.MaxUint8, int(b.out.lengths[slot])+t.length))
	}
}

// read finds the terms of a text.
func (b *wordBuilder) read(t *wordText, text string, name bool) {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	*t = wordText{terms: t.terms[:0]}
	whole, spoken := make([]byte, 0, 64), make([]byte, 0, 64)
	chinese := false
	for _, w := range wordsOf(text) {
		from := len(whole)
		for _, r := range w.text {
			whole = utf8.AppendRune(whole, r)
		}
		if !w.dense {
			t.length++
			t.terms = append(t.terms, b.id(whole[from:]))
			spoken = append(spoken, whole[from:]...)
			continue
		}
		t.length += len(w.text)
		for i, r := range w.text {
			t.terms = append(t.terms, b.pair(0, r))
			if i > 0 {
				t.terms = append(t.terms, b.pair(w.text[i-1], r))
			}
		}
		if name {
			chinese = true
			spoken = b.speak(t, w.text, spoken)
		}
	}
	t.text = wholeHash(string(whole))
	if chinese {
		t.pinyin = wholeHash(string(spoken))
	}
}

// pair is the term of two characters, or of the second alone.
func (b *wordBuilder) pair(first, second rune) uint32 {
	key := [2]rune{first, second}
	id, ok := b.pairs[key]
	if !ok {
		id = b.id([]byte(strings.TrimPrefix(string(key[:]), "\x00")))
		b.pairs[key] = id
	}
	return id
}

// speak adds the terms of the pinyin of a text and appends its syllables to out.
func (b *wordBuilder) speak(t *wordText, text []rune, out []byte) []byte {
	before := uint32(0)
	for i, s := range b.readings.of(text, nil) {
		out = append(out, s...)
		id := b.id(append([]byte(pinyinMark), s...))
		t.terms = append(t.terms, id)
		if i > 0 {
			pair, ok := b.spoken[[2]uint32{before, id}]
			if !ok {
				pair = b.id([]byte(b.terms[before] + " " + s))
				b.spoken[[2]uint32{before, id}] = pair
			}
			t.terms = append(t.terms, pair)
		}
		before = id
	}
	return out
}

func wholeHash(s string) uint32 { return uint32(hashID(s)) | 1 }

func (b *wordBuilder) id(text []byte) uint32 {
	if id, ok := b.ids[string(text)]; ok {
		return id
	}
	id, term := uint32(len(b.terms)), string(text)
	b.ids[term] = id
	b.terms = append(b.terms, term)
	b.seen = append(b.seen, 0)
	b.at = append(b.at, 0)
	return id
}

// finish sorts the terms and turns the stream into postings.
func (b *wordBuilder) finish() {
	order := make([]uint32, len(b.terms))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(i, j uint32) int { return strings.Compare(b.terms[i], b.terms[j]) })
	place := b.seen // of the terms, in the order
	terms := make([]string, len(order))
	for i, id := range order {
		place[id], terms[i] = uint32(i), b.terms[id]
	}
	starts := make([]int, len(terms)+1)
	for _, v := range b.stream {
		starts[place[v>>1]+1]++
	}
	for i := range terms {
		starts[i+1] += starts[i]
	}
	next := b.at
	for i := range terms {
		next[i] = starts[i]
	}
	posts := make([]uint32, len(b.stream))
	from, sum := 0, 0
	for slot, end := range b.ends {
		for _, v := range b.stream[from:end] {
			t := place[v>>1]
			posts[next[t]] = uint32(slot)<<1 | v&1
			next[t]++
		}
		from = end
		sum += int(b.out.lengths[slot])
	}
	b.out.terms, b.out.starts, b.out.posts = terms, starts, posts
	b.out.mean = max(1, float64(sum)/float64(max(1, len(b.ends))))
}

// found are slots, ascending, with their scores.
type found struct {
	slots  []uint32
	scores []float32
}

// wordHits finds the slots that have all words of a term, ascending, and a score
// for each, the best of its terms:
// BM25F with a name worth four times as much as other text (Robertson, Zaragoza
// and Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004;
// k1 1.2, b 0.75, each term counted once a field), and much more where the words
// are a whole name or its pinyin. Chinese is found by characters and pairs of
// them, other words whole, the last of a term by its beginning too, and names with
// Chinese characters by their pinyin, together or apart. A text without a word finds
// nothing.
func (x *Index) wordHits(words string) (slots []uint32, scores []float32) {
	terms := termsOf(words)
	if len(terms) == 0 || x.Len() == 0 {
		return nil, nil
	}
	x.words.once.Do(x.buildWords)
	var all found
	left := maxWords
	for _, asked := range terms {
		if left -= len(asked); left < 0 {
			break
		}
		all = x.words.term(asked).or(all)
	}
	return all.slots, all.scores
}

// term finds the slots that have all words.
func (w *wordIndex) term(asked []word) found {
	var parts []found
	whole := ""
	for i, a := range asked {
		whole += string(a.text)
		if a.dense {
			parts = append(parts, w.all(denseTerms(a.text)))
		} else {
			parts = append(parts, w.word(string(a.text), i == len(asked)-1))
		}
	}
	slices.SortStableFunc(parts, func(a, b found) int { return cmp.Compare(len(a.slots), len(b.slots)) })
	all := parts[0]
	for _, p := range parts[1:] {
		all = all.and(p)
	}
	const wholeName = 1e4 // more than all terms together
	hash := wholeHash(whole)
	for i, slot := range all.slots {
		for _, n := range w.names {
			if n.text[slot] == hash || n.pinyin[slot] == hash {
				all.scores[i] += wholeName
				break
			}
		}
	}
	return all
}

// termRange is the terms from s on, up to those that begin with it where prefix
// is set.
type termRange struct {
	s      string
	prefix bool
}

func denseTerms(text []rune) []termRange {
	if len(text) == 1 {
		return []termRange{{s: string(text)}}
	}
	var terms []termRange
	for i := 1; i < len(text); i++ {
		terms = append(terms, termRange{s: string(text[i-1 : i+1])})
	}
	return terms
}

// word finds a word as it stands, or as pinyin.
func (w *wordIndex) word(text string, last bool) found {
	f := w.all([]termRange{{text, last}})
	for _, syllables := range w.syllables(text, last) {
		var terms []termRange
		for i := 1; i < len(syllables); i++ {
			terms = append(terms, termRange{pinyinMark + syllables[i-1] + " " + syllables[i], last && i == len(syllables)-1})
		}
		if len(syllables) == 1 {
			// A pair that begins with the syllable is of a feature that has it alone too.
			terms = append(terms, termRange{pinyinMark + syllables[0], last})
		}
		f = f.or(w.all(terms))
	}
	return f
}

// syllables cuts a word into syllables that the index knows, in all ways but at
// most 16. Of the last word of a question the end may be the beginning of one.
func (w *wordIndex) syllables(text string, last bool) [][]string {
	const most, longest = 16, 6
	var ways [][]string
	var cut func(rest string, way []string)
	cut = func(rest string, way []string) {
		if len(ways) == most {
			return
		}
		if rest == "" {
			ways = append(ways, slices.Clone(way))
			return
		}
		for n := min(longest, len(rest)); n > 0; n-- {
			s := plainSyllable(rest[:n])
			if lo, hi := w.find(termRange{s: pinyinMark + s}); lo < hi {
				cut(rest[n:], append(way, s))
			} else if last && n == len(rest) {
				if lo, hi := w.find(termRange{pinyinMark + s, true}); lo < hi {
					cut("", append(way, s))
				}
			}
		}
	}
	cut(text, nil)
	return ways
}

// find gives the places of the terms of a range.
func (w *wordIndex) find(r termRange) (lo, hi int) {
	lo = sort.SearchStrings(w.terms, r.s)
	if !r.prefix {
		if lo < len(w.terms) && w.terms[lo] == r.s {
			return lo, lo + 1
		}
		return lo, lo
	}
	hi = lo + sort.Search(len(w.terms)-lo, func(i int) bool { return !strings.HasPrefix(w.terms[lo+i], r.s) })
	return lo, hi
}

// all finds the slots that have a term of each range.
func (w *wordIndex) all(ranges []termRange) found {
	posts := make([][]uint32, len(ranges))
	for i, r := range ranges {
		lo, hi := w.find(r)
		posts[i] = w.merged(lo, hi)
	}
	slices.SortStableFunc(posts, func(a, b []uint32) int { return cmp.Compare(len(a), len(b)) })
	var f found
	for i, p := range posts {
		rare := w.rarity(len(p))
		if i == 0 {
			f = found{make([]uint32, len(p)), make([]float32, len(p))}
			for j, v := range p {
				f.slots[j], f.scores[j] = v>>1, w.score(v, rare)
			}
			continue
		}
		kept, at := 0, 0
		for j, slot := range f.slots {
			at += seek(p[at:], slot<<1)
			if at < len(p) && p[at]>>1 == slot {
				f.slots[kept], f.scores[kept] = slot, f.scores[j]+w.score(p[at], rare)
				kept++
			}
		}
		f = found{f.slots[:kept], f.scores[:kept]}
	}
	return f
}

// seek is the first place in s, which is ascending, of a value not below v. It
// is quick where that is near.
func seek(s []uint32, v uint32) int {
	if len(s) == 0 || s[0] >= v {
		return 0
	}
	step := 1
	for step < len(s) && s[step] < v {
		step *= 2
	}
	at, _ := slices.BinarySearch(s[step/2:min(len(s), step)], v)
	return step/2 + at
}

// merged are the postings of the terms from lo to hi, each slot once.
func (w *wordIndex) merged(lo, hi int) []uint32 {
	if lo == hi {
		return nil
	}
	all := w.posts[w.starts[lo]:w.starts[hi]]
	if hi-lo == 1 {
		return all
	}
	if len(all) < len(w.lengths)/16 {
		all = slices.Clone(all)
		slices.Sort(all)
		kept := all[:0]
		for i, v := range all {
			if i+1 == len(all) || all[i+1]>>1 != v>>1 { // of two the name's is last
				kept = append(kept, v)
			}
		}
		return kept
	}
	const here, name = 1, 2
	marks := make([]uint8, len(w.lengths))
	for _, v := range all {
		marks[v>>1] |= here | uint8(v&1)*name
	}
	out := make([]uint32, 0, min(len(all), len(marks)))
	for slot, m := range marks {
		if m > 0 {
			out = append(out, uint32(slot)<<1|uint32(m>>1))
		}
	}
	return out
}

// rarity is the weight of a term that n features have.
func (w *wordIndex) rarity(n int) float64 {
	all := float64(len(w.lengths))
	return math.Log1p((all - float64(n) + 0.5) / (float64(n) + 0.5))
}

// score is what a posting adds.
func (w *wordIndex) score(post uint32, rare float64) float32 {
	const k1, b, name = 1.2, 0.75, 4
	tf := 1.0
	if post&1 == 1 {
		tf = name / (1 - b + b*float64(w.lengths[post>>1])/w.mean)
	}
	return float32(rare * tf / (k1 + tf))
}

// and keeps the slots of both and adds their scores.
func (f found) and(g found) found {
	kept, at := 0, 0
	for i, slot := range f.slots {
		at += seek(g.slots[at:], slot)
		if at < len(g.slots) && g.slots[at] == slot {
			f.slots[kept], f.scores[kept] = slot, f.scores[i]+g.scores[at]
			kept++
		}
	}
	return found{f.slots[:kept], f.scores[:kept]}
}

// or joins both and keeps the higher scores.
func (f found) or(g found) found {
	if len(g.slots) == 0 {
		return f
	}
	var out found
	for i, j := 0, 0; i < len(f.slots) || j < len(g.slots); {
		switch {
		case j == len(g.slots) || i < len(f.slots) && f.slots[i] < g.slots[j]:
			out.slots, out.scores = append(out.slots, f.slots[i]), append(out.scores, f.scores[i])
			i++
		case i == len(f.slots) || g.slots[j] < f.slots[i]:
			out.slots, out.scores = append(out.slots, g.slots[j]), append(out.scores, g.scores[j])
			j++
		default:
			out.slots, out.scores = append(out.slots, f.slots[i]), append(out.scores, max(f.scores[i], g.scores[j]))
			i, j = i+1, j+1
		}
	}
	return out
}
