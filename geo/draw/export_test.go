package draw

// What the tests of pictures of the atlas use.
var (
	Impress   = impress
	Without   = without
	Differing = differing
	Checked   = openPPTX
)
