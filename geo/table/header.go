package table

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"clustermap/geo"
)

// headRows is how many rows are looked at to find the header.
const headRows = 50

// maxHead is how many bytes of a cell are looked at to find the header.
const maxHead = 4096

// headRow is one of the first rows of a sheet.
type headRow struct {
	number int
	cells  []string
	width  int // cells up to the last that is filled, also those that are not kept
}

func newHeadRow(number int, cells []string) headRow {
	r := headRow{number: number, width: lastFilled(cells)}
	for _, c := range cells[:r.width] {
		if len(c) > maxHead {
			c = strings.ToValidUTF8(c[:maxHead], "")
		}
		r.cells = append(r.cells, strings.Clone(c))
	}
	return r
}

// layOut finds the header among the first rows, and names the columns. Rows above it,
// such as a title, are left out and noted.
func layOut(rows []headRow, opt Options) (*Sheet, []Note, error) {
	s := &Sheet{}
	at := -1
	if opt.HeaderRow > 0 {
		for i, r := range rows {
			if r.number == opt.HeaderRow {
				at = i
			}
		}
		if at < 0 {
			return nil, nil, &geo.InvalidError{Field: "header", Reason: fmt.Sprintf("there is no row %d among the first %d", opt.HeaderRow, headRows)}
		}
	} else {
		at = findHeader(rows, usualWidth(rows))
	}
	columns := columnsUsed(rows, at, opt.MaxColumns)
	if columns > opt.MaxColumns {
		return nil, nil, &geo.InvalidError{Reason: fmt.Sprintf("has %d columns; %d at most", columns, opt.MaxColumns)}
	}
	var notes []Note
	if at < 0 {
		s.Columns = nameColumns(nil, columns)
		if len(rows) > 0 {
			notes = append(notes, Note{Code: "no-header", EN: "there is no row of names; the columns are called by their letters", ZH: "没有表头行，各列以字母命名"})
		}
		return s, notes, nil
	}
	s.HeaderRow = rows[at].number
	s.Columns = nameColumns(rows[at].cells, columns)
	notes = append(notes, nameNotes(s)...)
	if filled(rows[:at]) > 0 {
		title := quote(titles(rows[:at]))
		notes = append(notes, Note{Row: s.HeaderRow, Code: "header", EN: "the names of the columns are in this row; what is above it is left out: " + title, ZH: "此行为表头，其上的内容未导入：" + title})
	}
	return s, notes, nil
}

// titles is what stands in some rows, in one line.
func titles(rows []headRow) string {
	var words []string
	for _, r := range rows {
		for _, c := range r.cells {
			if name := cleanName(c); name != "" {
				words = append(words, name)
			}
		}
	}
	return strings.Join(words, " ")
}

// above is the last row that is not one of data.
func (s *Sheet) above() int { return s.HeaderRow }

// usualWidth is the number of filled cells that most rows have.
func usualWidth(rows []headRow) (width int) {
	counts := make(map[int]int)
	for _, r := range rows {
		if n := filledCells(r.cells); n > 0 {
			counts[n]++
		}
	}
	for n, times := range counts {
		if times > counts[width] || times == counts[width] && n > width {
			width = n
		}
	}
	return width
}

// findHeader is the first row that is as full as the others where it holds no numbers
// and no addresses as the rows below do; -1 where it does.
func findHeader(rows []headRow, width int) int {
	for i, r := range rows {
		n := filledCells(r.cells)
		if n == 0 || 10*n < 6*width {
			continue
		}
		numbers := 0
		for _, c := range r.cells {
			if looksLikeNumber(strings.TrimSpace(c)) {
				numbers++
			}
		}
		if (numbers == 0 || 4*numbers < n && n > 3) && !looksLikeData(r, rows[i+1:]) {
			return i
		}
		return -1
	}
	return -1
}

// looksLikeData reports whether a row holds an address where most of the rows below hold
// one too; of a row that stands alone, whether it holds one at all.
func looksLikeData(r headRow, below []headRow) bool {
	alone := filled(below) == 0
	for i, cell := range r.cells {
		if alone && division.MatchString(strings.TrimSpace(cell)) && !general.MatchString(cell) {
			return true
		}
		if !looksLikeAddress(cell) {
			continue
		}
		cells, addresses := 0, 0
		for _, b := range below {
			if i >= len(b.cells) || strings.TrimSpace(b.cells[i]) == "" {
				continue
			}
			cells++
			if looksLikeAddress(b.cells[i]) {
				addresses++
			}
		}
		if alone || cells > 0 && 2*addresses >= cells {
			return true
		}
	}
	return false
}

var (
	// province begins addresses in China; what follows it may be cut off.
	province = regexp.MustCompile(`^(北京|天津|河北|山西|内蒙古|辽宁|吉林|黑龙江|上海|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|重庆|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|台湾|香港|澳门)`)
	// levels is an address of two divisions: 海宁市许村镇.
	levels = regexp.MustCompile(`^\p{Han}{2,}[市县区州盟旗]\p{Han}{2,}[县区镇乡村旗]$|^\p{Han}{2,}[市县区]\p{Han}{2,}街道$`)
	// division is a name such as 海宁市. A column may be called 重点镇, so it is believed
	// only of a table of one row.
	division = regexp.MustCompile(`^\p{Han}{2,8}([省市县区镇乡村]|街道)$`)
	// general are words of names of columns, which end as addresses do: 所在市县区, 省级开发区.
	general = regexp.MustCompile(`[所各主类级别数量额值率编码名称]|^[省市县区镇乡村街道州盟旗地、/（）()]+$`)
)

// looksLikeAddress is true of 浙江海宁许村 and of 海宁市许村镇, which head no column.
func looksLikeAddress(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) > maxName || general.MatchString(s) {
		return false
	}
	return province.MatchString(s) || levels.MatchString(s)
}

// looksLikeNumber is true of numbers and dates, but not of years, which head columns.
func looksLikeNumber(s string) bool {
	if s == "" || strings.Trim(s, "0123456789.,-+%/: ") != "" {
		return false
	}
	if year, err := strconv.Atoi(s); err == nil && year >= 1949 && year <= 2100 {
		return false
	}
	return strings.ContainsAny(s, "0123456789")
}

func filledCells(cells []string) (n int) {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

func lastFilled(cells []string) int {
	n := len(cells)
	for n > 0 && strings.TrimSpace(cells[n-1]) == "" {
		n--
	}
	return n
}

func filled(rows []headRow) (n int) {
	for _, r := range rows {
		if filledCells(r.cells) > 0 {
			n++
		}
	}
	return n
}

// columnsUsed is the number of columns of which a row has something, from the header
// on; at is -1 where there is none. What is wider than the header, or than most, by a
// row alone is a fault of that row.
func columnsUsed(rows []headRow, at, most int) int {
	head := 0
	if at >= 0 {
		head, rows = rows[at].width, rows[at:]
	}
	wider, over, width, widest := 0, 0, head, 0
	for _, r := range rows {
		widest = max(widest, r.width)
		if r.width > most {
			over++
		} else {
			width = max(width, r.width)
		}
		if r.width > head {
			wider++
		}
	}
	switch {
	case 2*wider <= len(rows):
		return head
	case 2*over > len(rows):
		return widest
	}
	return width
}

// nameColumns gives n columns names of their own.
func nameColumns(headers []string, n int) []Column {
	columns := make([]Column, n)
	taken := make(map[string]bool, n)
	next := make(map[string]int)
	for i := range columns {
		c := &columns[i]
		c.Letter = letter(i)
		if i < len(headers) {
			c.Header = headers[i]
		}
		name := cmp.Or(cleanName(c.Header), c.Letter)
		c.Name = name
		for k := max(2, next[name]); taken[c.Name]; k++ {
			c.Name, next[name] = name+" ("+strconv.Itoa(k)+")", k+1
		}
		taken[c.Name] = true
	}
	return columns
}

// nameNotes tell of names that are not as they stand in the file.
func nameNotes(s *Sheet) (notes []Note) {
	var cleaned, twice, none []string
	for _, c := range s.Columns {
		switch clean := cleanName(c.Header); {
		case clean == "":
			none = append(none, c.Letter)
		case clean != c.Name:
			twice = append(twice, quote(c.Name))
		case tidy(c.Header) != c.Header || len(c.Header) > maxName:
			cleaned = append(cleaned, quote(c.Name))
		}
	}
	add := func(names []string, code, en, zh string) {
		if len(names) == 0 {
			return
		}
		list := strings.Join(names[:min(len(names), 5)], ", ")
		if len(names) > 5 {
			list += ", …"
		}
		notes = append(notes, Note{Row: s.HeaderRow, Code: code, EN: en + ": " + list, ZH: zh + "：" + list})
	}
	add(cleaned, "names-cleaned", "names of columns held characters that cannot be seen or were too long", "列名含不可见字符或过长，已清理")
	add(twice, "names-twice", "columns of one name were told apart by a number", "同名的列以编号区分")
	add(none, "names-none", "columns without a name are called by their letters", "无名的列以字母命名")
	return notes
}

// maxName is how many bytes of a header are the name of its column.
const maxName = 200

// cleanName is a header in one line, without characters that cannot be seen.
func cleanName(header string) string {
	var b strings.Builder
	for _, r := range header {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case hidden(r):
			continue
		}
		b.WriteRune(r)
	}
	name := strings.Join(strings.Fields(b.String()), " ")
	if len(name) > maxName {
		name = name[:maxName]
		for !utf8.ValidString(name) {
			name = name[:len(name)-1]
		}
	}
	return name
}

// letter is what spreadsheets call the column i: A … Z, AA ….
func letter(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}

// hidden is true of control characters and of marks that turn the direction of text or
// take no room. Variation selectors are none: they choose the form of a character.
func hidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return false
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xad, r == 0x61c, r == 0x180e,
		r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
		r == 0xfeff, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

// tidy is s without hidden characters. What ends lines does so as \n.
func tidy(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == 0x85 || r == 0x2028 || r == 0x2029:
			return '\n'
		case hidden(r):
			return -1
		}
		return r
	}, s)
}

// quote is a short text in quotes for a message.
func quote(s string) string {
	r := []rune(tidy(s))
	if len(r) > 60 {
		r = append(r[:60], '…')
	}
	return strconv.Quote(string(r))
}
