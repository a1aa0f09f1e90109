// Command vaultkv serves Vault's own secrets engine KV version 2 over HTTP on
// loopback, for tests: the engine is HashiCorp's, as Vault mounts it; only the
// way from a request to the engine, the token and the form of an answer are
// written here. OpenBao's engine began as the same code and has the same
// interface.
//
// It takes the token from the environment, prints its address, and ends when
// its standard input does.
package main

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/sdk/logical"
)

const mount = "/v1/secret/"

var operations = map[string]logical.Operation{
	http.MethodGet:    logical.ReadOperation,
	http.MethodPost:   logical.UpdateOperation,
	http.MethodPut:    logical.UpdateOperation,
	http.MethodDelete: logical.DeleteOperation,
}

type server struct {
	engine  logical.Backend
	storage logical.Storage
	token   string
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	storage := &logical.InmemStorage{}
	engine, err := kv.Factory(context.Background(), &logical.BackendConfig{
		StorageView: storage,
		System:      &logical.StaticSystemView{DefaultLeaseTTLVal: time.Hour, MaxLeaseTTLVal: time.Hour},
		BackendUUID: "00000000-0000-0000-0000-000000000000",
		Config:      map[string]string{"version": "2"},
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Printf("http://%s\n", listener.Addr())
	return http.Serve(listener, &server{engine, storage, os.Getenv("VAULT_DEV_ROOT_TOKEN_ID")})
}

func (s *server) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	given := request.Header.Get("X-Vault-Token")
	if subtle.ConstantTimeCompare([]byte(given), []byte(s.token)) != 1 {
		fail(writer, http.StatusForbidden, errors.New("2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"))
		return
	}
	if !strings.HasPrefix(request.URL.Path, mount) {
		fail(writer, http.StatusNotFound, nil)
		return
	}
	data, err := dataOf(request)
	if err != nil {
		fail(writer, http.StatusBadRequest, err)
		return
	}
	asked := &logical.Request{
		Operation: operations[request.Method],
		Path:      strings.TrimPrefix(request.URL.Path, mount),
		Data:      data,
		Storage:   s.storage,
	}
	answer, err := s.handle(request.Context(), asked)
	status, failure := logical.RespondErrorCommon(asked, answer, err)
	if status != 0 {
		fail(writer, status, failure)
		return
	}
	send(writer, answer)
}

// handle does as Vault's core does: what does not exist yet is created.
func (s *server) handle(ctx context.Context, request *logical.Request) (*logical.Response, error) {
	if request.Operation == logical.UpdateOperation {
		check, exists, err := s.engine.HandleExistenceCheck(ctx, request)
		if err != nil {
			return nil, err
		}
		if check && !exists {
			request.Operation = logical.CreateOperation
		}
	}
	return s.engine.HandleRequest(ctx, request)
}

// dataOf reads numbers as they are written, as Vault does.
func dataOf(request *http.Request) (map[string]interface{}, error) {
	data := map[string]interface{}{}
	for name, values := range request.URL.Query() {
		data[name] = values[0]
	}
	if request.Method == http.MethodGet {
		return data, nil
	}
	decoder := json.NewDecoder(http.MaxBytesReader(nil, request.Body, 1<<20))
	decoder.UseNumber()
	if err := decoder.Decode(&data); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return data, nil
}

func send(writer http.ResponseWriter, answer *logical.Response) {
	if answer == nil {
		writer.WriteHeader(http.StatusNoContent)
		return
	}
	// The engine writes some answers itself: a deleted version is a 404 with its metadata.
	if raw, ok := answer.Data[logical.HTTPRawBody]; ok {
		status, _ := answer.Data[logical.HTTPStatusCode].(int)
		writer.Header().Set("Content-Type", "application/json")
		writer.WriteHeader(status)
		switch body := raw.(type) {
		case string:
			_, _ = io.WriteString(writer, body)
		case []byte:
			_, _ = writer.Write(body)
		}
		return
	}
	reply(writer, http.StatusOK, map[string]interface{}{"request_id": "test", "lease_id": "", "data": answer.Data})
}

func fail(writer http.ResponseWriter, status int, err error) {
	sentences := []string{}
	if err != nil {
		sentences = append(sentences, err.Error())
	}
	reply(writer, status, map[string]interface{}{"errors": sentences})
}

func reply(writer http.ResponseWriter, status int, value interface{}) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	_ = json.NewEncoder(writer).Encode(value)
}
