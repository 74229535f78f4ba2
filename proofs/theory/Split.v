(** The theorem: how a stream is cut into chunks never shows.

    A decoder keeps a state and the bytes that are not done with, its window. A step looks at both and answers. Feeding a
    chunk appends it to the window and takes steps until more bytes are needed or the stream has failed.

    The other files show that the decoder of this crate, under each policy, keeps the hypotheses of this file. *)

Require Import List PeanoNat Lia.
Import ListNotations.

(** What a step answers. All but [NeedMore] say what remains of the window. *)
Inductive answer (Byte State Event Fault : Type) : Type :=
| NeedMore
| Frame (event : Event) (window : list Byte) (next : State)
| Discard (window : list Byte) (next : State)
| Error (fault : Fault) (window : list Byte).

Arguments NeedMore {Byte State Event Fault}.
Arguments Frame {Byte State Event Fault}.
Arguments Discard {Byte State Event Fault}.
Arguments Error {Byte State Event Fault}.

(** How a run ends: more bytes are needed, or the stream has failed and takes no more. *)
Inductive ending (Byte State Fault : Type) : Type :=
| Waiting (state : State) (window : list Byte)
| Failed (fault : Fault) (rest : list Byte).

Arguments Waiting {Byte State Fault}.
Arguments Failed {Byte State Fault}.

(** Steps, until more is needed or the stream has failed. The events are frames, and skipped stretches; events, states and
    faults hold their offsets in the stream. *)
Inductive runs {Byte State Event Fault : Type} (step : State -> list Byte -> answer Byte State Event Fault)
  : State -> list Byte -> list Event -> ending Byte State Fault -> Prop :=
| runs_need : forall s b, step s b = NeedMore -> runs step s b [] (Waiting s b)
| runs_error : forall s b f c, step s b = Error f c -> runs step s b [] (Failed f c)
| runs_frame : forall s b e c s' es z, step s b = Frame e c s' -> runs step s' c es z -> runs step s b (e :: es) z
| runs_discard : forall s b c s' es z, step s b = Discard c s' -> runs step s' c es z -> runs step s b es z.

(** Feeds chunk after chunk. After an error no byte is taken: the rest of the stream stays unchanged. *)
Inductive feeds {Byte State Event Fault : Type} (step : State -> list Byte -> answer Byte State Event Fault)
  : State -> list Byte -> list (list Byte) -> list Event -> ending Byte State Fault -> Prop :=
| feeds_end : forall s b, feeds step s b [] [] (Waiting s b)
| feeds_chunk : forall s b x xs es s' b' es' z,
    runs step s (b ++ x) es (Waiting s' b') -> feeds step s' b' xs es' z -> feeds step s b (x :: xs) (es ++ es') z
| feeds_error : forall s b x xs es f r,
    runs step s (b ++ x) es (Failed f r) -> feeds step s b (x :: xs) es (Failed f (r ++ concat xs)).

Section Split.
  Context {Byte State Event Fault : Type}.
  Variable step : State -> list Byte -> answer Byte State Event Fault.
  Variable start : State.

  Hypothesis empty_asks_for_more : step start [] = NeedMore.

  Hypothesis frame_is_stable : forall s b e c s', step s b = Frame e c s' ->
    forall x, step s (b ++ x) = Frame e (c ++ x) s'.

  Hypothesis error_is_stable : forall s b f c, step s b = Error f c ->
    forall x, step s (b ++ x) = Error f (c ++ x).

  (** A discard may take more if more is there. What follows is the same. *)
  Hypothesis discarded_bytes_do_not_show : forall s b c s', step s b = Discard c s' ->
    forall x es z, runs step s' (c ++ x) es z -> runs step s (b ++ x) es z.

  Hypothesis every_run_ends : forall s b, exists es z, runs step s b es z.

  (** The same bytes give the same outcome. *)
  Theorem one_outcome : forall s b es z, runs step s b es z -> forall es' z', runs step s b es' z' -> es = es' /\ z = z'.
  Proof.
    induction 1; intros es' z' R'; inversion R'; subst;
      match goal with A : step ?s ?b = _, B : step ?s ?b = _ |- _ => rewrite A in B; try discriminate B; try injection B end;
      intros; subst; auto;
      match goal with K : runs _ _ _ _ _, IH : forall _ _, runs _ _ _ _ _ -> _ |- _ =>
        destruct (IH _ _ K) as (-> & ->) end; auto.
  Qed.

  Lemma halted : forall s b es z, runs step s b es z -> forall t r, z = Waiting t r -> step t r = NeedMore.
  Proof. induction 1; intros; try discriminate; eauto. match goal with E : _ = _ |- _ => injection E; intros; subst; auto end. Qed.

  Theorem run_goes_on : forall s b es z, runs step s b es z -> forall t r, z = Waiting t r ->
    forall x es' z', runs step t (r ++ x) es' z' -> runs step s (b ++ x) (es ++ es') z'.
  Proof.
    induction 1; intros t r E x es' z' R; try discriminate; simpl.
    - injection E; intros; subst. assumption.
    - eapply runs_frame; eauto.
    - eapply discarded_bytes_do_not_show; eauto.
  Qed.

  Theorem failed_run_stays : forall s b es z, runs step s b es z -> forall f r, z = Failed f r ->
    forall x, runs step s (b ++ x) es (Failed f (r ++ x)).
  Proof.
    induction 1; intros g r E x; try discriminate.
    - injection E; intros; subst. apply runs_error. auto.
    - eapply runs_frame; eauto.
    - eapply discarded_bytes_do_not_show; eauto.
  Qed.

  Lemma chunks_as_one : forall s b xs es z, feeds step s b xs es z ->
    step s b = NeedMore -> runs step s (b ++ concat xs) es z.
  Proof.
    induction 1 as [s b | s b x xs es s' b' es' z R F IH | s b x xs es f r R]; intros H; simpl.
    - rewrite app_nil_r. apply runs_need; auto.
    - rewrite app_assoc. eapply run_goes_on; eauto. apply IH. eapply halted; eauto.
    - rewrite app_assoc. eapply failed_run_stays; eauto.
  Qed.

  Lemma every_feed_ends : forall xs s b, exists es z, feeds step s b xs es z.
  Proof.
    induction xs as [| x xs IH]; intros s b.
    - exists [], (Waiting s b). constructor.
    - destruct (every_run_ends s (b ++ x)) as (es & [s' b' | f r] & R).
      + destruct (IH s' b') as (es' & z & F). exists (es ++ es'), z. econstructor; eauto.
      + exists es, (Failed f (r ++ concat xs)). constructor; auto.
  Qed.

  (** Law 2: any list of chunks has exactly one outcome, and that is the outcome of the complete stream in one chunk: the
      events with their offsets, the state, the bytes that are left, and the error. *)
  Theorem split_never_shows : forall chunks, exists es z,
    feeds step start [] chunks es z /\
    runs step start (concat chunks) es z /\
    forall others es' z', concat others = concat chunks -> feeds step start [] others es' z' -> es' = es /\ z' = z.
  Proof.
    intros chunks. destruct (every_feed_ends chunks start []) as (es & z & F). exists es, z.
    pose proof (chunks_as_one _ _ _ _ _ F empty_asks_for_more) as R. simpl in R. split; [assumption | split; [assumption |]].
    intros others es' z' same G. apply chunks_as_one in G; [| assumption]. simpl in G. rewrite same in G.
    eapply one_outcome; eauto.
  Qed.

  (** Law 8: an error stays. The events before it were delivered, and later bytes change only the rest. *)
  Theorem error_stays : forall chunks more es f r, feeds step start [] chunks es (Failed f r) ->
    feeds step start [] (chunks ++ more) es (Failed f (r ++ concat more)).
  Proof.
    assert (forall s b chunks es z, feeds step s b chunks es z -> forall f r, z = Failed f r -> forall more,
      feeds step s b (chunks ++ more) es (Failed f (r ++ concat more))) as all.
    { induction 1; intros g q E more; try discriminate; simpl.
      - subst. eapply feeds_chunk; eauto.
      - injection E; intros; subst. rewrite <- app_assoc, <- concat_app. constructor; auto. }
    intros. eapply all; eauto.
  Qed.

  (** Law 7, as far as cuts go: whatever the end of the stream means, it is a function of the state and the bytes left. *)
  Theorem end_of_the_stream_is_the_same : forall (Outcome : Type) (finish : ending Byte State Fault -> Outcome)
      chunks others es z es' z',
    concat chunks = concat others -> feeds step start [] chunks es z -> feeds step start [] others es' z' ->
    finish z = finish z'.
  Proof.
    intros Outcome finish chunks others es z es' z' same F G.
    apply chunks_as_one in F; [| assumption]. apply chunks_as_one in G; [| assumption].
    simpl in F, G. rewrite same in F. destruct (one_outcome _ _ _ _ F _ _ G) as (_ & ->). reflexivity.
  Qed.
End Split.

(** A run ends where every step makes some weight smaller. *)
Theorem runs_that_lose_weight_end {Byte State Event Fault : Type}
    (step : State -> list Byte -> answer Byte State Event Fault) (weight : State -> list Byte -> nat) :
  (forall s b e c s', step s b = Frame e c s' -> weight s' c < weight s b) ->
  (forall s b c s', step s b = Discard c s' -> weight s' c < weight s b) ->
  forall s b, exists es z, runs step s b es z.
Proof.
  intros frame discard.
  assert (forall n s b, weight s b < n -> exists es z, runs step s b es z) as all.
  { induction n as [| n IH]; intros s b lighter; [lia |].
    destruct (step s b) as [| e c s' | c s' | f c] eqn:H.
    - exists [], (Waiting s b). constructor; auto.
    - pose proof (frame _ _ _ _ _ H). destruct (IH s' c) as (es & z & R); [lia |].
      exists (e :: es), z. eapply runs_frame; eauto.
    - pose proof (discard _ _ _ _ H). destruct (IH s' c) as (es & z & R); [lia |].
      exists es, z. eapply runs_discard; eauto.
    - exists [], (Failed f c). constructor; auto. }
  intros s b. apply (all (S (weight s b)) s b). lia.
Qed.
