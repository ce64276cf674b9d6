// Package lanes drives the real agent programs through a real gateway, against
// loopback servers that stand in for their models. It needs Node and the npm
// registry, so it stands behind a build tag: make lanes-real.
//
// What the programs stream can be recorded, for the tests that run without them:
// make lanes-real RECORD=1 rewrites internal/worker/preset/testdata.
package lanes
