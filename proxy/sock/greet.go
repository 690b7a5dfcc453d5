package sock

import (
	"context"
	"errors"
	"fmt"
)

// open connects once and exchanges hellos. ErrNoServer means that no guardd is
// there, or that the one that was is leaving.
func open(ctx context.Context, opt Options) (*link, error) {
	conn, err := connect(ctx, opt.Dir)
	if err != nil {
		return nil, err
	}
	if err := checkServer(conn, opt); err != nil {
		conn.Close()
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	s, err := block(conn)
	if err != nil {
		return nil, err
	}
	l := newLink(s)
	unhook := context.AfterFunc(ctx, l.end)
	if err := hail(l); err != nil {
		l.close()
		if ctx.Err() != nil {
			err = fmt.Errorf("guardd (%s) does not greet: %w", opt.Dir, ctx.Err())
		}
		return nil, err
	}
	if !unhook() {
		l.close()
		return nil, ctx.Err()
	}
	return l, nil
}

func hail(l *link) error {
	if err := l.send(frame{Type: typeHello, Hello: &hello{Protocol: protocolName, Version: Protocol}}); err != nil {
		return fmt.Errorf("%w: it closed the connection", ErrNoServer)
	}
	f, err := l.receive()
	switch {
	case errors.Is(err, ErrGarbage), errors.Is(err, ErrTooLarge):
		return fmt.Errorf("greet guardd: %w", err)
	case err != nil:
		return fmt.Errorf("%w: it closed the connection (%w)", ErrNoServer, err)
	case f.Error != nil:
		return f.Error
	case f.Type != typeHello || f.Hello == nil || f.Hello.Protocol != protocolName:
		return fmt.Errorf("greet guardd: %w", ErrGarbage)
	case Protocol < f.Hello.Oldest || Protocol > f.Hello.Version:
		return &VersionError{Protocol, f.Hello.Version, f.Hello.Oldest}
	}
	return nil
}
