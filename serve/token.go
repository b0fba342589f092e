package serve

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"strings"
)

// leastToken is the number of characters that a token has at least.
const leastToken = 16

// A Token is what a client presents to be let in. Only its hash is kept.
type Token struct {
	hash [sha256.Size]byte
	read bool // it lets ask models, and nothing else
}

// NewToken returns a token at random, and its text.
func NewToken() (Token, string) {
	text := rand.Text()
	return Token{hash: sha256.Sum256([]byte(text))}, text
}

// ReadTokens reads tokens, one a line: the token, and the word read after it if it lets ask
// models and nothing else. Empty lines and those that begin with # count for nothing.
// name is what errors call the input; they never repeat a token.
func ReadTokens(r io.Reader, name string) ([]Token, error) {
	var tokens []Token
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) > 2 || len(words) == 2 && words[1] != "read" {
			return nil, fmt.Errorf("%s:%d: want a token, and after it nothing or the word read", name, n)
		}
		if len(words[0]) < leastToken {
			return nil, fmt.Errorf("%s:%d: the token has %d characters, want %d at least", name, n, len(words[0]), leastToken)
		}
		tokens = append(tokens, Token{hash: sha256.Sum256([]byte(words[0])), read: len(words) == 2})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("%s: there is no token in it; write one a line", name)
	}
	return tokens, nil
}

// allowed reports whether the text is a token, and whether it lets do everything. The time that it
// takes does not depend on the text.
func allowed(tokens []Token, text string) (known, all bool) {
	hash := sha256.Sum256([]byte(text))
	for _, t := range tokens {
		same := subtle.ConstantTimeCompare(t.hash[:], hash[:]) == 1
		known = known || same
		all = all || same && !t.read
	}
	return known, all
}
