package output

import (
	"math"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// Cost writes dollars for people: 0.42USD.
func Cost(dollars float64) string {
	return kanban.FormatCost(int64(math.Round(dollars * kanban.Dollar)))
}

// Budget writes a budget for people: 5.00USD and 2M tokens.
func Budget(b client.Budget) string {
	return kanban.Budget{Cost: int64(math.Round(b.CostUSD * kanban.Dollar)), Tokens: b.Tokens}.String()
}
