// Go's net/http, with as many processors as the runtime finds.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
)

var count int64

func page() string {
	var text strings.Builder
	for line := 0; line < 600; line++ {
		fmt.Fprintf(&text, "<p>Line %04d of a page of some thirty kilobytes.</p>\n", line)
	}
	return text.String()
}

func main() {
	long := page()
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		counted := atomic.AddInt64(&count, 1)
		switch request.URL.Path {
		case "/":
			fmt.Fprintln(response, "Hello from Go")
		case "/page":
			fmt.Fprint(response, long)
		case "/count":
			fmt.Fprintln(response, counted)
		default:
			http.NotFound(response, request)
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
