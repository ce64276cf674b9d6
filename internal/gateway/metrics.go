package gateway

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/andon-dev/andon/internal/store"
)

// What docs/operations.md names. What is here is looked up when somebody asks.
var (
	metricUp          = describe("andon_build_info", "Constant 1, with the version.", "version")
	metricTasks       = describe("andon_tasks", "Tasks by board and status, archived ones left out.", "board", "status")
	metricRuns        = describe("andon_runs", "Live runs by lane.", "lane")
	metricMaxRuns     = describe("andon_max_parallel", "How many runs the gateway may have; 0 is no limit.")
	metricDispatching = describe("andon_dispatching", "1 if new runs may start, 0 if nothing does.")
	metricHolds       = describe("andon_holds", "Scopes that are held, by kind: pulled, paused or cooldown.", "kind")
	metricUnreadable  = describe("andon_board_unusable", "1 if a board cannot be read or written.", "board")
	metricBackup      = describe("andon_backup_failed", "1 if the last scheduled backup of a board failed.", "board")
	metricConfig      = describe("andon_config_refused", "1 if andon.yaml on disk is not in force.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// meters are what the gateway counts itself.
type meters struct {
	handler  http.Handler
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMeters(g *gateway) *meters {
	m := &meters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "andon_http_requests_total", Help: "Requests over TCP, by method and status."}, []string{"method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "andon_http_request_seconds", Help: "How long requests over TCP took, streams left out.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"method"}),
	}
	all := prometheus.NewRegistry()
	all.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.requests, m.seconds, gauges{g})
	m.handler = promhttp.HandlerFor(all, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	return m
}

// request counts one; methods are those of HTTP, whatever somebody writes.
func (m *meters) request(method string, status int, stream bool, took time.Duration) {
	if !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, method) {
		method = "other"
	}
	m.requests.WithLabelValues(method, strconv.Itoa(status)).Inc()
	if !stream {
		m.seconds.WithLabelValues(method).Observe(took.Seconds())
	}
}

// gauges are looked up anew each time.
type gauges struct{ *gateway }

func (gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		metricUp, metricTasks, metricRuns, metricMaxRuns, metricDispatching, metricHolds, metricUnreadable, metricBackup, metricConfig,
	} {
		to <- d
	}
}

func (g gauges) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	send := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	s := g.Status(ctx)
	send(metricUp, 1, s.Version)
	send(metricMaxRuns, float64(s.MaxParallel))
	send(metricDispatching, number(s.Dispatching))
	send(metricConfig, number(s.ConfigError != ""))
	for lane, n := range s.Lanes {
		send(metricRuns, float64(n), lane)
	}
	holds, err := g.boards.Holds(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(metricHolds, err)
	}
	held := map[store.HoldKind]int{store.Pulled: 0, store.Paused: 0, store.Cooldown: 0}
	for _, h := range holds {
		held[h.Kind]++
	}
	for _, kind := range slices.Sorted(maps.Keys(held)) {
		send(metricHolds, float64(held[kind]), string(kind))
	}
	boards, err := g.boards.List(ctx, false)
	if err != nil {
		to <- prometheus.NewInvalidMetric(metricTasks, err)
	}
	for _, info := range boards {
		send(metricBackup, number(s.BackupProblems[info.Slug] != ""), info.Slug)
		counts, err := g.counts(ctx, info.Slug)
		send(metricUnreadable, number(err != nil), info.Slug)
		for status, n := range counts {
			send(metricTasks, float64(n), info.Slug, status)
		}
	}
}

// counts are the tasks of a board that is sound.
func (g gauges) counts(ctx context.Context, slug string) (map[string]int, error) {
	b, err := g.boards.Board(ctx, slug)
	if err != nil {
		return nil, err
	}
	stats, err := b.Stats(ctx)
	counts := map[string]int{}
	for status, n := range stats.ByStatus {
		counts[string(status)] = n
	}
	if latched := b.Store().Latched(); latched != nil {
		err = latched
	}
	return counts, err
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
