package browser

import "testing"

// A board that is archived is said to be, wherever it is looked at, and is back
// once it is restored.
func TestG21_ArchivedBoardComesBack(t *testing.T) {
	h := newHome(t, lanes)
	h.andon("boards", "create", "solo")
	child := h.add("the second", "--parent", h.add("the first", "--board", "solo"), "--board", "solo")
	board, graph := h.browse(), h.browse()
	board.Open("/b/solo")
	graph.Open("/b/solo/graph?as=list")
	for _, p := range []*page{board, graph} {
		p.Eventually("the second")
		p.Allow(`404`)
	}

	h.andon("boards", "archive", "solo")
	for _, p := range []*page{board, graph} {
		p.Eventually("board solo is archived")
		p.Until(`!document.body.innerText.includes('the first') && !document.body.innerText.includes('Live')`)
	}
	h.andon("boards", "restore", "solo")
	h.add("the third", "--parent", child, "--board", "solo")
	for _, p := range []*page{board, graph} {
		p.Eventually("the third")
		p.Eventually("Live")
	}
}
