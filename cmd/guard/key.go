package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/f958ca95/guard/proxy"
)

// waitKey answers for a command whose idempotency key was used. It returns nil
// where the command may be asked for again: what ran under the key has failed.
func (s *session) waitKey(ctx context.Context, k proxy.KeyState) error {
	waiting, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	if k.State == proxy.KeyRunning {
		s.say("that runs under this key already (receipt %d); waiting up to %d s for how it ends", k.Receipt, seconds(s.patience))
	}
	for k.State == proxy.KeyRunning {
		view, err := s.client.Read(waiting, proxy.Look{What: proxy.LookKey, ID: k.ID, Since: k.Receipt + 1})
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(waiting.Err(), context.DeadlineExceeded):
			return &exit{exitHeld, fmt.Sprintf("it still runs under this key (receipt %d); nothing was started. Ask again later", k.Receipt)}
		case err != nil:
			return err
		case view.Key == nil:
			return errors.New("guardd answered without the key")
		}
		k = *view.Key
	}
	switch k.State {
	case proxy.KeySucceeded:
		s.say("done before under this key (receipt %d); not run again", k.Receipt)
		return &exit{code: k.Status}
	case proxy.KeyOther:
		return &exit{exitUsage, fmt.Sprintf("another command has this key (receipt %d); take a new key for a new command", k.Receipt)}
	}
	return nil
}
