// Runs once in a browser, for all its pages.
import { serve } from './share'

addEventListener('connect', (e) => serve((e as MessageEvent).ports[0]!))
