export const HELP = `watchroom: scrape, store, query and watch Prometheus metrics live

Usage:
  watchroom serve [--config FILE] [--data DIR] [--listen HOST:PORT]
  watchroom check-config FILE
  watchroom health-rules [--config FILE]
  watchroom check-rules [--lint NAME] [--lint-fatal] [--ignore-unknown-fields]
                        [--enable-feature NAME] [FILE...]
  watchroom test-rules [--run NAME] [--diff] [--junit FILE] [--debug] [--ignore-unknown-fields]
                       [--enable-feature NAME] FILE...
  watchroom test-promql FILE...
  watchroom backup [--data DIR] --to DIR
  watchroom restore --from DIR --data DIR [--force]
  watchroom tsdb analyze [--data DIR] [--match SELECTOR] [--limit N]
  watchroom tsdb verify [--data DIR]
  watchroom tsdb dump [--data DIR] [--match SELECTOR...] [--start TIME] [--end TIME] [--output FILE]
  watchroom tsdb import [--data DIR] FILE
  watchroom --version | --help

serve
  --config FILE   a prometheus.yml; our own settings stand under its key "watchroom".
                  Without it: this server and this machine are watched.
  --data DIR      where everything is stored (default ./data)
  --listen H:P    address of the page and the API (default 127.0.0.1:8080)
  --allow-remote-without-sign-in
                  listen beyond loopback although there is no sign-in yet; only behind something that asks who is there
  SIGHUP or POST /-/reload loads the configuration again; SIGTERM ends within 5 s with everything on disk.

check-config      loads FILE, its rule files and target files; prints each fault as file:line:column; exit code 1 on faults
health-rules      prints the health score's rules as a Prometheus rule file, to be edited and named in
                  watchroom.health.rules_file
check-rules       checks rule files, with the options and output of promtool check rules; without FILE standard input.
                  Exit code 1 on a fault
  --lint NAME     all, duplicate-rules (default) or none
  --lint-fatal    exit code 3 when that finds something
test-rules        runs unit tests of rules, with the files, options and output of promtool test rules; exit code 1 on a failure
  --run NAME      only tests whose name matches the regular expression; may be repeated
  --junit FILE    also writes the results as JUnit XML
  --diff          shows alerts that differ as one coloured text
  --enable-feature promql-experimental-functions, promql-delayed-name-removal
test-promql       runs Prometheus test scripts (load, eval ...); exit code 1 on a difference
backup            copies a data folder to a new one and verifies the copy; a server may be running on it. Exit code 1 on a
                  fault, which was in the original too
restore           makes a data folder from a backup or a snapshot, which is verified first; exit code 1 on a fault
  --force         restores what is intact
tsdb analyze      says what a folder is full of, also beside a running server: series, labels, churn, bytes per sample, the
                  largest metrics (the first 20 of each list)
tsdb verify       checks every file, row, checksum and count, also beside a running server; prints each fault as
                  file: table and row: fault; exit code 1 on a fault
tsdb dump         writes samples as OpenMetrics text, also beside a running server; native histograms are left out and
                  counted. TIME: Unix seconds or RFC 3339
tsdb import       stores OpenMetrics text with timestamps, from FILE or - for standard input, in the folder of a server that is
                  stopped; exit code 1 with file and line of a fault, what stood before it is stored`;
