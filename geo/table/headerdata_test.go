package table

import (
	"context"
	"strings"
	"testing"
)

// TestHeaderOrData tells a row of names from one of data: the first must not be lost.
func TestHeaderOrData(t *testing.T) {
	for _, test := range []struct {
		name, text string
		columns    string
		rows       int
	}{
		{"names", "名称,所在地\n许村家纺,浙江海宁许村\n", "名称 所在地", 1},
		{"no names", "许村家纺,浙江海宁许村\n盛泽丝绸,江苏吴江盛泽\n义乌小商品,浙江义乌\n", "A B", 3},
		{"no names, one column", "浙江海宁许村\n江苏吴江盛泽\n浙江义乌\n", "A", 3},
		{"no provinces", "海宁市许村镇\n吴江市盛泽镇\n", "A", 2},
		{"numbers", "许村家纺,3000\n盛泽丝绸,2500\n", "A B", 2},
		{"one row", "许村家纺,浙江海宁许村\n", "A B", 1},
		{"one row, a division", "许村家纺,海宁市\n", "A B", 1},
		{"one row of names", "名称,所在县区\n", "名称 所在县区", 0},
		{"names that end as divisions do", "所在市县区,专业镇,省级开发区\n浙江省海宁市,许村镇,海宁经济开发区\n", "所在市县区 专业镇 省级开发区", 1},
		{"provinces as names", "指标,浙江,江苏\n企业数,100,200\n产值,3,4\n", "指标 浙江 江苏", 2},
		{"a province over an empty column", "名称,浙江备注\n甲,\n乙,\n", "名称 浙江备注", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := Open(context.Background(), Source{Name: "t.csv", R: strings.NewReader(test.text), Size: int64(len(test.text))}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, c := range f.Sheets[0].Columns {
				names = append(names, c.Name)
			}
			rows := 0
			for _, err := range f.Sheets[0].Rows(context.Background()) {
				if err != nil {
					t.Fatal(err)
				}
				rows++
			}
			if got := strings.Join(names, " "); got != test.columns || rows != test.rows {
				t.Errorf("columns %s, %d rows; want %s, %d", got, rows, test.columns, test.rows)
			}
		})
	}
}
