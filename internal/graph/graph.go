// Package graph holds the rules of the dependency graph. It is pure: edges come
// through functions of the caller.
package graph

// PathTo searches from one node along next for another, and returns the nodes
// on the way, both included; nil if there is none. Each node is asked once.
func PathTo(from, to string, next func(string) ([]string, error)) ([]string, error) {
	before := map[string]string{from: ""}
	queue := []string{from}
	for len(queue) > 0 {
		node := queue[0]
		queue = queue[1:]
		if node == to {
			return walkBack(before, node), nil
		}
		following, err := next(node)
		if err != nil {
			return nil, err
		}
		for _, n := range following {
			if _, seen := before[n]; !seen {
				before[n] = node
				queue = append(queue, n)
			}
		}
	}
	return nil, nil
}

func walkBack(before map[string]string, node string) []string {
	var path []string
	for node != "" {
		path = append([]string{node}, path...)
		node = before[node]
	}
	return path
}
