package slack

import (
	"strconv"
	"strings"
)

func (s *Server) uploadURL(c call) (result, error) {
	size, err := strconv.Atoi(c.fields["length"])
	if err != nil || size <= 0 || c.fields["filename"] == "" {
		return nil, refusal("invalid_arguments")
	}
	id := "F" + s.next()
	s.uploads[id] = &File{ID: id, Name: c.fields["filename"], Size: size}
	return result{"upload_url": "http://" + c.host + "/upload/" + id, "file_id": id}, nil
}

func (s *Server) upload(c call) error {
	f := s.uploads[strings.TrimPrefix(c.path, "/upload/")]
	if f == nil || len(c.file) != f.Size {
		return refusal("no such upload, or of another length")
	}
	f.Content = c.file
	return nil
}

func (s *Server) completeUpload(c call) (result, error) {
	var named []struct{ ID, Title string }
	if err := c.decode("files", &named, "invalid_arguments"); err != nil {
		return nil, err
	}
	to, err := s.writable(c, "channel_id")
	if err != nil {
		return nil, err
	}
	var files []File
	for _, n := range named {
		f := s.uploads[n.ID]
		if f == nil || f.Content == nil {
			return nil, refusal("file_not_found")
		}
		f.Title = n.Title
		files = append(files, *f)
		delete(s.uploads, n.ID)
	}
	s.post(to, &Message{User: BotID, Text: c.fields["initial_comment"], Files: files, Thread: c.fields["thread_ts"]})
	return result{"files": files}, nil
}
