// Asks Go's crypto/x509 what it says about certificate chains: one JSON question a line on stdin, one answer a line on
// stdout. Used by tests/unit/domain/certs/agreement-go.test.ts; needs nothing but Go.
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"time"
)

type question struct {
	Chain   []string `json:"chain"`
	Anchors []string `json:"anchors"`
	Purpose string   `json:"purpose"`
	Name    string   `json:"name"`
	Now     string   `json:"now"`
}

type answer struct {
	Ok       bool     `json:"ok"`
	Alert    string   `json:"alert"`
	Text     string   `json:"text"`
	Paths    int      `json:"paths"`
	Subjects []string `json:"subjects"`
	Name     string   `json:"name"`
	DNS      []string `json:"dns"`
	Serial   string   `json:"serial"`
}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			var q question
			if jsonErr := json.Unmarshal(line, &q); jsonErr != nil {
				panic(jsonErr)
			}
			if encodeErr := out.Encode(judge(q)); encodeErr != nil {
				panic(encodeErr)
			}
		}
		if err != nil {
			return
		}
	}
}

func parse(text string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return x509.ParseCertificate(der)
}

// The alerts are those that crypto/tls sends for these errors.
func judge(q question) answer {
	if len(q.Chain) == 0 {
		return answer{Alert: "certificate_required"}
	}
	var chain []*x509.Certificate
	a := answer{}
	for _, text := range q.Chain {
		certificate, err := parse(text)
		if err != nil {
			return answer{Alert: "decode_error", Text: err.Error()}
		}
		chain = append(chain, certificate)
		a.Subjects = append(a.Subjects, certificate.Subject.String())
	}
	leaf := chain[0]
	a.Name, a.DNS, a.Serial = leaf.Subject.CommonName, leaf.DNSNames, leaf.SerialNumber.Text(16)
	now, err := time.Parse(time.RFC3339, q.Now)
	if err != nil {
		panic(err)
	}
	options := x509.VerifyOptions{
		Roots:         x509.NewCertPool(),
		Intermediates: x509.NewCertPool(),
		CurrentTime:   now,
		DNSName:       q.Name,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if q.Purpose == "client" {
		options.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	for _, text := range q.Anchors {
		if anchor, anchorErr := parse(text); anchorErr == nil {
			options.Roots.AddCert(anchor)
		}
	}
	for _, certificate := range chain[1:] {
		options.Intermediates.AddCert(certificate)
	}
	paths, err := leaf.Verify(options)
	if err != nil {
		a.Alert, a.Text = alertFor(err, q.Purpose), err.Error()
		return a
	}
	switch leaf.PublicKey.(type) {
	case *ecdsa.PublicKey, *rsa.PublicKey, ed25519.PublicKey:
	default:
		a.Alert = "unsupported_certificate"
		return a
	}
	a.Ok, a.Paths = true, len(paths)
	return a
}

func alertFor(err error, purpose string) string {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	if purpose == "client" && errors.As(err, &unknown) {
		return "unknown_ca"
	}
	if purpose == "client" && errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return "certificate_expired"
	}
	return "bad_certificate"
}
