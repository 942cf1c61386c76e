package draw

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font/sfnt"
)

// systemFonts are the fonts of this machine. Nothing is read before a character is
// wanted that our own faces do not have.
type systemFonts struct {
	folders []string

	mu      sync.Mutex
	looked  bool
	regular []string // paths, the best first
	bold    []string
	open    map[string]*face // nil: cannot be used
}

// maxSystemFonts is how many files are tried; each that was tried stays open.
const maxSystemFonts = 80

// goodFonts are parts of names of files, those first that suit a map in Chinese.
var goodFonts = []string{
	"notosanssc", "notosanscjk", "sourcehansans", "pingfang", "msyh", "hiragino sans gb", "wqy-microhei", "wqy-zenhei",
	"droidsansfallback", "simhei", "simsun", "notosans-", "dejavusans.", "dejavusans-bold.", "liberationsans", "arial", "segoeui",
	"notosanssymbols", "notosans", "freesans", "seguisym", "symbola",
}

// fontFolders are the usual places on Linux, macOS and Windows.
func fontFolders() []string {
	folders := []string{"/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts"}
	if windows := os.Getenv("WINDIR"); windows != "" {
		folders = append(folders, filepath.Join(windows, "Fonts"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, filepath.Join(home, ".fonts"), filepath.Join(home, ".local/share/fonts"), filepath.Join(home, "Library/Fonts"))
	}
	return folders
}

func newSystemFonts(folders []string) *systemFonts {
	return &systemFonts{folders: folders, open: map[string]*face{}}
}

// find returns the first face that has a character.
func (s *systemFonts) find(char rune, bold bool) (*face, sfnt.GlyphIndex, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.looked {
		s.look()
		s.looked = true
	}
	paths := s.regular
	if bold {
		paths = s.bold
	}
	for _, path := range paths {
		c, ok := s.open[path]
		if !ok {
			c = openFace(path)
			s.open[path] = c
		}
		if c == nil {
			continue
		}
		if id, ok := c.glyph(char); ok {
			return c, id, true
		}
	}
	return nil, 0, false
}

// look lists the files. Those that come first depend on their names alone, so that
// the same machine always draws the same.
func (s *systemFonts) look() {
	var paths []string
	for _, folder := range s.folders {
		_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return nil // a folder that may not be read has no fonts for us
			}
			switch strings.ToLower(filepath.Ext(path)) {
			case ".ttf", ".otf", ".ttc", ".otc":
				paths = append(paths, path)
			}
			return nil
		})
	}
	s.regular, s.bold = rankFonts(paths, false), rankFonts(paths, true)
}

// rankFonts sorts upright sans faces of the wanted weight to the front.
func rankFonts(paths []string, bold bool) []string {
	ranks := make(map[string]int, len(paths))
	for _, path := range paths {
		name := strings.ToLower(filepath.Base(path))
		rank := slices.IndexFunc(goodFonts, func(part string) bool { return strings.Contains(name, part) })
		if rank < 0 {
			rank = len(goodFonts)
		}
		has := func(parts ...string) bool {
			return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(name, part) })
		}
		rank *= 4
		if isBold := has("bold", "bd.", "heavy", "black"); isBold != bold {
			rank++
		}
		if has("thin", "light", "medium", "semi", "demi", "condensed", "extra") {
			rank++
		}
		if has("italic", "oblique") {
			rank += 1000
		}
		if has("mono", "serif", "emoji") {
			rank += 500
		}
		ranks[path] = rank
	}
	sorted := slices.Clone(paths)
	slices.SortFunc(sorted, func(a, b string) int { return cmp.Or(ranks[a]-ranks[b], strings.Compare(a, b)) })
	return sorted[:min(len(sorted), maxSystemFonts)]
}

// openFace opens a file, of a collection the member for simplified Chinese or else
// the first. The file stays open: such fonts are large and few glyphs are read.
func openFace(path string) *face {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	c, err := chooseMember(file, path)
	if err != nil {
		file.Close()
		return nil
	}
	return c
}

func chooseMember(file *os.File, path string) (*face, error) {
	collection, err := sfnt.ParseCollectionReaderAt(file)
	if err != nil {
		return nil, err
	}
	name := "system-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, filepath.Base(path))
	weight := 400
	if strings.Contains(strings.ToLower(name), "bold") {
		weight = 700
	}
	var first *face
	for i := range min(collection.NumFonts(), 32) {
		member, err := collection.Font(i)
		if err != nil {
			return nil, err
		}
		c, err := wrapFace(name, weight, member)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(c.family, " SC") || strings.HasSuffix(c.family, " CN") {
			return c, nil
		}
		if first == nil {
			first = c
		}
	}
	if first == nil {
		return nil, fs.ErrInvalid
	}
	return first, nil
}
