(** A search that resumes equals one that starts again.

    The decoder keeps a memory between two calls: how far the search for a frame's end got, the numbers that the framing
    keeps, the extent that is known, and how many bytes it waits for. With fewer bytes it does not ask at all. *)

Require Import List PeanoNat Lia.
From Proofs Require Import Split.
Import ListNotations.

Section Resume.
  Context {Byte State Event Fault Memory : Type}.

  (** A step from a memory, and what is remembered after it. *)
  Variable ask : State -> Memory -> list Byte -> answer Byte State Event Fault * Memory.

  (** The memory at the start of a frame. *)
  Variable fresh : State -> Memory.

  (** With fewer bytes there is nothing new to see. *)
  Variable least : Memory -> nat.

  (** A step that starts again. *)
  Definition step (s : State) (b : list Byte) : answer Byte State Event Fault := fst (ask s (fresh s) b).

  (** The memories that calls with more and more bytes leave. *)
  Inductive reached : State -> Memory -> list Byte -> Prop :=
  | reached_at_first : forall s, reached s (fresh s) []
  | reached_by_asking : forall s m b x, reached s m b -> fst (ask s m (b ++ x)) = NeedMore ->
      reached s (snd (ask s m (b ++ x))) (b ++ x)
  | reached_by_waiting : forall s m b x, reached s m b -> length (b ++ x) < least m -> reached s m (b ++ x).

  Hypothesis resumed_search_equals_a_new_one : forall s m b, reached s m b ->
    forall x, fst (ask s m (b ++ x)) = step s (b ++ x).

  Hypothesis waiting_misses_nothing : forall s m b, reached s m b ->
    forall x, length (b ++ x) < least m -> step s (b ++ x) = NeedMore.

  Inductive resumes : State -> Memory -> list Byte -> list Event -> ending Byte (State * Memory) Fault -> Prop :=
  | resumes_wait : forall s m b, length b < least m -> resumes s m b [] (Waiting (s, m) b)
  | resumes_need : forall s m b, least m <= length b -> fst (ask s m b) = NeedMore ->
      resumes s m b [] (Waiting (s, snd (ask s m b)) b)
  | resumes_error : forall s m b f c, least m <= length b -> fst (ask s m b) = Error f c -> resumes s m b [] (Failed f c)
  | resumes_frame : forall s m b e c s' es z, least m <= length b -> fst (ask s m b) = Frame e c s' ->
      resumes s' (fresh s') c es z -> resumes s m b (e :: es) z
  | resumes_discard : forall s m b c s' es z, least m <= length b -> fst (ask s m b) = Discard c s' ->
      resumes s' (fresh s') c es z -> resumes s m b es z.

  Inductive feeds_resuming : State -> Memory -> list Byte -> list (list Byte) -> list Event ->
      ending Byte (State * Memory) Fault -> Prop :=
  | resuming_end : forall s m b, feeds_resuming s m b [] [] (Waiting (s, m) b)
  | resuming_chunk : forall s m b x xs es s' m' b' es' z, resumes s m (b ++ x) es (Waiting (s', m') b') ->
      feeds_resuming s' m' b' xs es' z -> feeds_resuming s m b (x :: xs) (es ++ es') z
  | resuming_error : forall s m b x xs es f r, resumes s m (b ++ x) es (Failed f r) ->
      feeds_resuming s m b (x :: xs) es (Failed f (r ++ concat xs)).

  (** The outcome without the memory. *)
  Definition forget (z : ending Byte (State * Memory) Fault) : ending Byte State Fault :=
    match z with
    | Waiting (s, _) b => Waiting s b
    | Failed f r => Failed f r
    end.

  Definition well_reached (z : ending Byte (State * Memory) Fault) : Prop :=
    match z with
    | Waiting (s, m) b => reached s m b
    | Failed _ _ => True
    end.

  Lemma resumed_run_equals_a_new_one : forall s m b es z, resumes s m b es z ->
    forall d x, b = d ++ x -> reached s m d -> runs step s b es (forget z) /\ well_reached z.
  Proof.
    induction 1 as [s m b H | s m b L H | s m b f c L H | s m b e c s' es z L H R IH | s m b c s' es z L H R IH];
      intros d x -> D; simpl.
    - split; [| apply reached_by_waiting; auto]. apply runs_need. eapply waiting_misses_nothing; eauto.
    - split; [| apply reached_by_asking; auto]. apply runs_need.
      rewrite <- (resumed_search_equals_a_new_one _ _ _ D). auto.
    - split; auto. apply runs_error. rewrite <- (resumed_search_equals_a_new_one _ _ _ D). auto.
    - destruct (IH [] c eq_refl (reached_at_first s')). split; auto. eapply runs_frame; eauto.
      rewrite <- (resumed_search_equals_a_new_one _ _ _ D). eauto.
    - destruct (IH [] c eq_refl (reached_at_first s')). split; auto. eapply runs_discard; eauto.
      rewrite <- (resumed_search_equals_a_new_one _ _ _ D). eauto.
  Qed.

  Lemma resuming_feed_is_a_feed : forall s m b xs es z, feeds_resuming s m b xs es z -> reached s m b ->
    feeds step s b xs es (forget z) /\ well_reached z.
  Proof.
    induction 1 as [s m b | s m b x xs es s' m' b' es' z R F IH | s m b x xs es f r R]; intros D; simpl.
    - split; auto. constructor.
    - destruct (resumed_run_equals_a_new_one _ _ _ _ _ R _ _ eq_refl D) as (R' & D').
      destruct (IH D') as (F' & D''). split; auto. econstructor; eauto.
    - destruct (resumed_run_equals_a_new_one _ _ _ _ _ R _ _ eq_refl D) as (R' & _). split; auto. constructor. auto.
  Qed.

  (** Whatever a decoder without memory returns for some chunks, the one that resumes returns for the same chunks. *)
  Theorem resumed_decoder_equals_one_that_starts_again : forall start chunks es z,
    feeds_resuming start (fresh start) [] chunks es z -> feeds step start [] chunks es (forget z).
  Proof. intros start chunks es z F. apply resuming_feed_is_a_feed with (1 := F). constructor. Qed.

  Lemma every_run_can_be_resumed : forall s b es z, runs step s b es z -> forall m d x, b = d ++ x -> reached s m d ->
    exists y, resumes s m b es y /\ forget y = z.
  Proof.
    assert (forall s m d x, reached s m d -> step s (d ++ x) <> NeedMore ->
      least m <= length (d ++ x) /\ fst (ask s m (d ++ x)) = step s (d ++ x)) as asked.
    { intros s m d x D news. split; [| eapply resumed_search_equals_a_new_one; eauto].
      destruct (Nat.le_gt_cases (least m) (length (d ++ x))); auto. destruct news. eapply waiting_misses_nothing; eauto. }
    induction 1 as [s b H | s b f c H | s b e c s' es z H R IH | s b c s' es z H R IH]; intros m d x -> D.
    - destruct (Nat.le_gt_cases (least m) (length (d ++ x))).
      + eexists. split; [apply resumes_need; auto |].
        { rewrite (resumed_search_equals_a_new_one _ _ _ D). auto. } reflexivity.
      + exists (Waiting (s, m) (d ++ x)). split; [apply resumes_wait; auto | reflexivity].
    - destruct (asked _ _ _ x D) as (L & A); [congruence |]. exists (Failed f c). split; [| reflexivity].
      apply resumes_error; congruence.
    - destruct (asked _ _ _ x D) as (L & A); [congruence |].
      destruct (IH _ [] c eq_refl (reached_at_first s')) as (y & R' & <-). exists y. split; auto.
      eapply resumes_frame; eauto. congruence.
    - destruct (asked _ _ _ x D) as (L & A); [congruence |].
      destruct (IH _ [] c eq_refl (reached_at_first s')) as (y & R' & <-). exists y. split; auto.
      eapply resumes_discard; eauto. congruence.
  Qed.

  (** What the end of the stream means may be asked of the memory. *)
  Variable Outcome : Type.
  Variable finish : State -> Memory -> list Byte -> Outcome.

  Hypothesis end_does_not_see_the_search : forall s m b, reached s m b -> finish s m b = finish s (fresh s) b.

  Theorem end_is_the_same_resumed : forall start chunks es s m b,
    feeds_resuming start (fresh start) [] chunks es (Waiting (s, m) b) -> finish s m b = finish s (fresh s) b.
  Proof.
    intros start chunks es s m b F. apply end_does_not_see_the_search.
    exact (proj2 (resuming_feed_is_a_feed _ _ _ _ _ _ F (reached_at_first start))).
  Qed.
End Resume.
