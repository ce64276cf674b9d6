package main

import "slices"

// mutations are one breach each. Those of a subject stand together.
var mutations = slices.Concat(ofStorage, ofWork, ofNotice, ofWhatIsMade, ofAPI, ofOutbox)
