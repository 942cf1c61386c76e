package stat

import "clustermap/geo"

// What the pages of all methods with neighbours say.
const (
	neighboursEN = "Neighbours and units are choices: the answer names them. Try another width of cells or other weights before you trust it, for a pattern can come or go with the unit of area. Counts follow where firms and people are anyway; to ask for more than that, select a trade and compare its quotients too."
	neighboursZH = "邻居与单元都是人为选择，结果中均已注明。采信之前请换一种格距或权重再看：格局会随地域单元而显隐。个数本来就随企业与人口分布；如要排除这一因素，请选定行业并对照区位商。"
)

func moranPage() Page {
	return Page{
		Asks: geo.Text{
			EN: "Are neighbouring places more alike than if the values had been dealt out by chance?",
			ZH: "相邻之处的数值是否比随机分派更为相似？"},
		Formula: "I = (n / S0) * sum_i sum_j w_ij (x_i - m)(x_j - m) / sum_i (x_i - m)^2, with the mean m and S0 the sum of all w_ij; z = (I - E) / sqrt(V), E = -1/(n - 1), V under randomisation; p_permutation = 2 (least tail + 1) / (permutations + 1)",
		Reading: geo.Text{
			EN: "Above the expected value: high lies beside high and low beside low. Below it: high and low alternate. p is the probability of a value so far from the expected one, on either side, were the values dealt out by chance; p_permutation deals them out.",
			ZH: "高于期望值：高值与高值相邻、低值与低值相邻；低于期望值：高低相间。p 为随机分派时偏离期望如此之远（双侧）的概率；p_permutation 由实际随机分派得出。"},
		Limits: geo.Text{
			EN: "It says that there is a pattern, not where: see local-moran. Places without neighbours are left out. " + neighboursEN,
			ZH: "它只说明存在格局，不说明位于何处：见 local-moran。没有邻居者不计入。" + neighboursZH},
		Sources: []string{
			"Moran (1950), Notes on continuous stochastic phenomena, Biometrika 37(1/2), 17-23",
			"Cliff and Ord (1981), Spatial Processes: Models and Applications, Pion, London",
		},
	}
}

func generalPage() Page {
	return Page{
		Asks: geo.Text{
			EN: "Do high values lie near each other, or low ones?",
			ZH: "是高值彼此邻近，还是低值彼此邻近？"},
		Formula: "G = sum_i sum_j w_ij x_i x_j / sum_i sum_j x_i x_j, j other than i; E = S0 / (n (n - 1)), S0 the sum of all w_ij; z = (G - E) / sqrt(V), V under randomisation",
		Reading: geo.Text{
			EN: "z above 0: high values lie together. Below 0: the pairs of neighbours hold less than pairs elsewhere. Moran's I does not tell the two apart.",
			ZH: "z 大于 0：高值相聚；小于 0：相邻者之积低于别处。莫兰指数不能区分二者。"},
		Limits: geo.Text{
			EN: "It takes values of at least 0 that have a natural zero. Where high and low values both lie together they cancel out. Places without neighbours are left out. " + neighboursEN,
			ZH: "仅适用于有自然零点的非负数值。高值、低值各自相聚时会互相抵消。没有邻居者不计入。" + neighboursZH},
		Sources: []string{
			"Getis and Ord (1992), The analysis of spatial association by use of distance statistics, Geographical Analysis 24(3), 189-206; erratum 25(3), 276 (1993)",
		},
	}
}

func localMoranPage() Page {
	return Page{
		Asks: geo.Text{
			EN: "Where are places like their neighbours, and where do they stand out from them?",
			ZH: "何处与邻居相似，何处与邻居迥异？"},
		Formula: "I_i = (z_i / m2) * sum_j w_ij z_j, z = x - mean, m2 = sum z^2 / n, w by row; z by the conditional randomisation; p = 2 (least tail + 1) / (permutations + 1), in which x_i is held and the others are dealt out; p_adjusted by Benjamini and Hochberg",
		Reading: geo.Text{
			EN: "HH: a high place among high ones; LL: low among low; HL: high among low; LH: low among high. High is above the mean, low is not. A place is significant where its corrected p is at most fdr. z and p_normal are by the formula, p by permutations.",
			ZH: "HH：高值处于高值之中；LL：低值处于低值之中；HL：高值处于低值之中；LH：低值处于高值之中。高指高于平均值。校正后的 p 不大于 fdr 即为显著。z 与 p_normal 由公式得出，p 由置换得出。"},
		Limits: geo.Text{
			EN: "p looks at the neighbours alone, given the place. Among counts of which most are zero there are hardly any LL: they are what is expected. Draws serve all places together, so that their p are not independent. " + neighboursEN,
			ZH: "p 在给定本处数值的条件下只看邻居。计数多为零时几乎不会出现显著的 LL：那本属意料之中。各处共用同一批置换，p 值之间并不独立。" + neighboursZH},
		Sources: []string{
			"Anselin (1995), Local indicators of spatial association - LISA, Geographical Analysis 27(2), 93-115",
			"Sokal, Oden and Thomson (1998), Local spatial autocorrelation in a biological model, Geographical Analysis 30(4), 331-354",
			"Benjamini and Hochberg (1995), Controlling the false discovery rate, Journal of the Royal Statistical Society B 57(1), 289-300",
		},
	}
}

func hotSpotsPage() Page {
	return Page{
		Asks: geo.Text{
			EN: "Where do high values lie together, where low ones, more than by chance?",
			ZH: "何处高值相聚，何处低值相聚，且非偶然？"},
		Formula: "z_i = (sum_j w_ij x_j - m W_i) / (s sqrt((n Q_i - W_i^2) / (n - 1))), W_i = sum_j w_ij, Q_i = sum_j w_ij^2, mean m and standard deviation s of all x; with self = yes (Gi*) i is one of its neighbours, with no (Gi) it is not, and m and s are without it; p = 2 (least tail + 1) / (permutations + 1), in which x_i is held and the others are dealt out; p_adjusted by Benjamini and Hochberg",
		Reading: geo.Text{
			EN: "hot 99: the place and its neighbours are high and, of places called so, at most 1 in 100 is expected to be false; hot 95 and hot 90 likewise, and cold for low. hot and cold count the places whose corrected p is at most fdr; in_hot is what of the subject lies in the hot ones. z tells how strong, p how sure.",
			ZH: "hot 99：本处与邻居均高，且如此判定者中预期误判至多百分之一；hot 95、hot 90 类推，cold 指低值。hot 与 cold 为校正后 p 不大于 fdr 的个数；in_hot 为研究对象位于热点之中者。z 表示强弱，p 表示把握。"},
		Limits: geo.Text{
			EN: "A single high place among low neighbours has a high z, but is no hot spot: its neighbours are as by chance. Where most values are zero there can be no cold spots. Draws serve all places together, so that their p are not independent. " + neighboursEN,
			ZH: "低值环绕的孤立高值 z 值虽高却不是热点：其邻居与随机无异。多数数值为零时不可能有冷点。各处共用同一批置换，p 值之间并不独立。" + neighboursZH},
		Sources: []string{
			"Getis and Ord (1992), The analysis of spatial association by use of distance statistics, Geographical Analysis 24(3), 189-206",
			"Ord and Getis (1995), Local spatial autocorrelation statistics: distributional issues and an application, Geographical Analysis 27(4), 286-306",
			"Benjamini and Hochberg (1995), Controlling the false discovery rate, Journal of the Royal Statistical Society B 57(1), 289-300",
		},
	}
}
