//! A reader and a writer over one object.

/// Makes the `FrameStream` of a module that has a `FrameReader`. `$room` and `$flush` are the calls of an
/// [`Outlet`](crate::adapt::outlet::Outlet).
macro_rules! frame_stream {
    ($(#[$doc:meta])* [$($read:tt)+], [$($write:tt)+], $room:ident, $flush:ident $(, $async:ident, $await:ident)?) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct FrameStream<S, F, G = F> {
            reader: FrameReader<S, F>,
            outlet: Outlet<G>,
        }

        impl<S, F: Framing + Clone> FrameStream<S, F> {
            /// Creates a stream at the start of both directions. Does not allocate.
            pub fn new(inner: S, framing: F) -> Self {
                Self::from_parts(inner, Decoder::new(framing.clone()), Encoder::new(framing))
            }
        }

        impl<S, F: Framing, G: Framing> FrameStream<S, F, G> {
            /// Goes on where `decoder` and `encoder` are, which may have different framings.
            pub fn from_parts(inner: S, decoder: Decoder<F>, encoder: Encoder<G>) -> Self {
                Self { reader: FrameReader::from_parts(inner, decoder), outlet: Outlet::new(encoder) }
            }

            /// Returns the transport, the decoder with all bytes that were read and not returned, and what is queued. Nothing
            /// is sent.
            pub fn into_parts(self) -> (S, Decoder<F>, Encoder<G>) {
                let (inner, decoder) = self.reader.into_parts();
                (inner, decoder, self.outlet.into_encoder())
            }

            /// Sets the policy for rejected frames. A stored error stays.
            #[must_use]
            pub fn with_recovery(self, recovery: Recovery) -> Self {
                Self { reader: self.reader.with_recovery(recovery), outlet: self.outlet }
            }

            /// Sets the limit of the queue in bytes: see [`FrameWriter::with_limit`].
            #[must_use]
            pub fn with_limit(mut self, limit: usize) -> Self {
                self.outlet.set_limit(limit);
                self
            }

            /// Returns the reading half, with all its calls.
            pub const fn reader(&mut self) -> &mut FrameReader<S, F> {
                &mut self.reader
            }

            /// Returns the transport.
            pub const fn get_ref(&self) -> &S {
                self.reader.get_ref()
            }

            /// Returns the transport. Bytes taken from it are missing here; bytes written to it go between those that are sent
            /// and those that are unsent.
            pub const fn get_mut(&mut self) -> &mut S {
                self.reader.get_mut()
            }

            /// Returns how many bytes are queued that the transport has not taken.
            pub fn unsent(&self) -> usize {
                self.outlet.unsent()
            }

            /// Returns the counters of both directions.
            pub fn counters(&self) -> (Counters, Counters) {
                (self.reader.counters(), self.outlet.counters())
            }
        }

        impl<S: $($read)+, F: Framing, G: Framing> FrameStream<S, F, G> {
            /// Returns the next frame, borrowed; `None` at a clean end.
            ///
            /// # Errors
            ///
            /// As [`FrameReader::read_frame`].
            #[inline]
            pub $($async)? fn read_frame(&mut self) -> io::Result<Option<Frame<'_>>> {
                self.reader.read_frame()$(.$await)?
            }

            /// Returns the next frame, or what was skipped in its place; `None` at a clean end.
            ///
            /// # Errors
            ///
            /// As [`FrameReader::read_frame`].
            pub $($async)? fn read_event(&mut self) -> io::Result<Option<Event<'_>>> {
                self.reader.read_event()$(.$await)?
            }

            /// Returns the next frame, owned; `None` at a clean end.
            ///
            /// # Errors
            ///
            /// As [`FrameReader::read_frame`].
            pub $($async)? fn read_bytes(&mut self) -> io::Result<Option<OwnedFrame>> {
                self.reader.read_bytes()$(.$await)?
            }
        }

        impl<S: $($write)+, F: Framing, G: Framing> FrameStream<S, F, G> {
            /// Queues the frame of `message`: see [`FrameWriter::write`].
            ///
            /// # Errors
            ///
            /// As [`FrameWriter::write`]. The message was not taken.
            pub $($async)? fn write(&mut self, message: impl AsRef<[u8]>) -> io::Result<()> {
                let message = message.as_ref();
                self.outlet.$room(self.reader.get_mut(), message.len())$(.$await)??;
                Ok(self.outlet.push(message)?)
            }

            /// As [`write`](Self::write), without copying a payload of some length: see [`Encoder::push_bytes`].
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            pub $($async)? fn write_bytes(&mut self, message: Bytes) -> io::Result<()> {
                self.outlet.$room(self.reader.get_mut(), message.len())$(.$await)??;
                Ok(self.outlet.push_bytes(message)?)
            }

            /// As [`write`](Self::write), for a message that `write` writes and that can fail.
            ///
            /// # Errors
            ///
            /// What `write` returns, and as [`write`](Self::write).
            pub $($async)? fn try_write_with<E: From<io::Error>>(
                &mut self,
                write: impl FnOnce(&mut BytesMut) -> Result<(), E>,
            ) -> Result<(), E> {
                self.outlet.$room(self.reader.get_mut(), 0)$(.$await)??;
                self.outlet.push_with(write)
            }

            /// Queues the frames of all `messages`, or no frame: see [`Encoder::push_batch`].
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write), for the first message that is refused. No message is then queued.
            pub $($async)? fn write_batch<M: AsRef<[u8]>>(
                &mut self,
                messages: impl IntoIterator<Item = M>,
            ) -> io::Result<()> {
                self.outlet.$room(self.reader.get_mut(), 0)$(.$await)??;
                Ok(self.outlet.push_batch(messages)?)
            }

            /// Queues bytes that are on the wire as they are, such as a control frame.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            pub $($async)? fn write_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
                self.outlet.$room(self.reader.get_mut(), bytes.len())$(.$await)??;
                Ok(self.outlet.push_raw(bytes)?)
            }

            /// Sends all that is queued, and flushes the transport.
            ///
            /// # Errors
            ///
            /// As [`FrameWriter::flush`]. What is unsent stays queued.
            pub $($async)? fn flush(&mut self) -> io::Result<()> {
                self.outlet.$flush(self.reader.get_mut())$(.$await)?
            }

            /// [`write`](Self::write) and [`flush`](Self::flush).
            ///
            /// # Errors
            ///
            /// As both: see [`FrameWriter::send`].
            pub $($async)? fn send(&mut self, message: impl AsRef<[u8]>) -> io::Result<()> {
                self.write(message)$(.$await)??;
                self.flush()$(.$await)?
            }
        }
    };
}

pub(crate) use frame_stream;
