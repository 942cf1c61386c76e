package server

// importRefusals are the phrases by which tables are refused, in Chinese as refusals
// has them. A phrase that is not here is told in English.
func importRefusals() map[string]string {
	return map[string]string{
		"As many tables are being read as this server reads at a time. Try again in 2 seconds.":                                   "正在读的表格已达本服务器的上限，请 2 秒后再试。",
		"Reading the table took longer than this server allows. Send fewer rows at a time, or use the command clustermap import.": "读这张表超过了本服务器允许的时间。请分几次发送，或用命令 clustermap import。",
		"The file is larger than %s, the most that this server takes. Use the command clustermap import for it.":                  "文件超过 %s，这是本服务器的上限。请用命令 clustermap import。",
		"A page of another site sent this. Only pages of this server may.":                                                        "这是别的网站的页面发来的，只有本服务器的页面可以发送。",
		"there is no file, or it is empty": "没有文件，或文件是空的",
		"has no rows":                      "没有数据行",
		"the file is empty: no row holds anything that can be read":                         "文件是空的，没有可读的内容",
		"is neither text nor one of the formats that are known":                             "不是文本，也不是认识的格式",
		"has %d columns; %d at most":                                                        "有 %s 列，最多 %s 列",
		"has more than %d columns":                                                          "超过 %s 列",
		"has more than %d sheets":                                                           "超过 %s 张工作表",
		"has no sheet with a table in it":                                                   "没有一张工作表里有表格",
		"there is no row %d among the first %d":                                             "前 %[2]s 行里没有第 %[1]s 行",
		"holds %d files; %d at most":                                                        "含 %s 个文件，最多 %s 个",
		"unpacks to more than %d MB":                                                        "解开后超过 %s MB",
		"lacks its part %s":                                                                 "缺少内部文件 %s",
		"is locked by a password":                                                           "有密码，请先去掉密码再打开",
		"is packed in a way that is not known":                                              "压缩方式不认识",
		"is a packed file that is cut off or damaged":                                       "压缩文件不完整或已损坏",
		"is damaged: its part %s cannot be read":                                            "已损坏，内部文件 %s 读不出",
		"is damaged: its part %s is larger than it says":                                    "已损坏，内部文件 %s 比声明的大",
		"is a binary workbook (.xlsb); save it as .xlsx":                                    "是二进制工作簿（.xlsb），请另存为 .xlsx",
		"is a workbook of Numbers; export it as .xlsx":                                      "是 Numbers 工作簿，请导出为 .xlsx",
		"is a text document or slides; copy its table to a workbook and save that as .xlsx": "是文档或幻灯片，请把其中的表格复制到工作簿，存为 .xlsx",
		"has more texts than can be read; split it or save it as .csv":                      "文字太多，请拆开或存为 .csv",
		"its .dbf is damaged":                                                               "其中的 .dbf 已损坏",
		"its .shp is damaged":                                                               "其中的 .shp 已损坏",
		"the .shp ends before its geometry":                                                 ".shp 不完整",
		"the GeoPackage has no table of features or attributes":                             "GeoPackage 里没有要素表或属性表",
		"has a document type, which is not read":                                            "含有文档类型声明，不予读取",
	}
}
