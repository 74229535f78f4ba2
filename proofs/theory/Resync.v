(** The policy [Resync]: after a rejected frame the next one is searched for, from the byte after its first.

    All that lies between two accepted frames is one stretch, with the reason of the first rejected frame in it. It comes
    before the frame that ends it. *)

Require Import List Lia PeanoNat.
From Proofs Require Import Split Framing.
Import ListNotations.

Record starts_alike (F : framing) : Prop := {
  next_start_lies_within_the_input : forall (b : list (Byte F)) from s,
    next_start b from = StartsAt s -> from <= s /\ (from <= length b -> s <= length b);
  no_start_is_claimed_beyond_the_input : forall (b : list (Byte F)) from n,
    next_start b from = NotBefore n -> from <= length b -> n <= length b;
  next_start_is_stable : forall (b : list (Byte F)) from s, from <= length b -> next_start b from = StartsAt s ->
    forall y, next_start (b ++ y) from = StartsAt s;
  bytes_before_the_next_start_do_not_show : forall (b : list (Byte F)) from n, from <= length b ->
    next_start b from = NotBefore n -> 0 < n -> forall y,
    next_start (b ++ y) from =
      match next_start (skipn n b ++ y) 0 with
      | StartsAt s => StartsAt (n + s)
      | NotBefore k => NotBefore (n + k)
      end;
}.

Section Resync.
  Context {F : framing}.
  Hypothesis promises : keeps_its_promises F.
  Hypothesis alike : starts_alike F.

  Inductive event : Type :=
  | FrameAt (offset : nat) (bytes : list (Byte F))
  | StretchAt (offset len : nat) (reason : Reason F).

  (** [Hunting]: a frame may begin here, and a stretch is open since [from]. [Lost]: where one may begin is looked for. *)
  Inductive state : Type :=
  | At (offset : nat) (word : Word F)
  | Hunting (offset from : nat) (reason : Reason F) (word : Word F)
  | Lost (offset from : nat) (reason : Reason F) (word : Word F).

  (** Nothing is an error: the type of faults is empty. *)
  Definition answers : Type := answer (Byte F) state event Empty_set.

  (** The frame at the front is rejected ([skips] is 1), or the bytes at the front belong to none (0). *)
  Definition hunt (skips o from : nat) (r : Reason F) (w : Word F) (b : list (Byte F)) : answers :=
    match next_start b skips with
    | StartsAt s => Discard (skipn s b) (Hunting (o + s) from r w)
    | NotBefore 0 => NeedMore
    | NotBefore n => Discard (skipn n b) (Lost (o + n) from r w)
    end.

  Definition step (s : state) (b : list (Byte F)) : answers :=
    match s with
    | At o w =>
        match look w b with
        | Unfinished => NeedMore
        | Between n v => Discard (skipn n b) (At (o + n) v)
        | Intact x v => Frame (FrameAt o (firstn (frame_len x) b)) (skipn (frame_len x) b) (At (o + frame_len x) v)
        | Rejected r => hunt 1 o o r w b
        end
    | Hunting o from r w =>
        match look w b with
        | Unfinished => NeedMore
        | Between n v => Discard (skipn n b) (Hunting (o + n) from r v)
        | Intact _ _ => Frame (StretchAt from (o - from) r) b (At o w)
        | Rejected _ => hunt 1 o from r w b
        end
    | Lost o from r w => hunt 0 o from r w b
    end.

  Lemma rejected_is_not_empty : forall (w : Word F) b r, look w b = Rejected r -> 1 <= length b.
  Proof.
    intros w b r E. destruct b; simpl; [rewrite nothing_is_unfinished in E by auto; discriminate | lia].
  Qed.

  Lemma empty_asks_for_more : forall o w, step (At o w) [] = NeedMore.
  Proof. intros. simpl. rewrite nothing_is_unfinished; auto. Qed.

  Lemma hunt_gives_no_frame : forall k o from r w b e c s, hunt k o from r w b <> Frame e c s.
  Proof. intros. unfold hunt. destruct (next_start b k) as [|[|]]; discriminate. Qed.

  Lemma hunt_never_fails : forall k o from r w b f c, hunt k o from r w b <> Error f c.
  Proof. intros. destruct f. Qed.

  Lemma frame_is_stable : forall s b e c s', step s b = Frame e c s' -> forall y, step s (b ++ y) = Frame e (c ++ y) s'.
  Proof.
    intros [o w | o from r w | o from r w] b e c s' H y; simpl in *.
    - destruct (look w b) as [| n v | x v | q] eqn:E; try discriminate.
      + injection H; intros; subst. destruct (intact_is_stable promises _ _ _ _ E) as ((some & there) & stays).
        rewrite stays, first_bytes_stay, bytes_after_stay by auto. reflexivity.
      + destruct (hunt_gives_no_frame _ _ _ _ _ _ _ _ _ H).
    - destruct (look w b) as [| n v | x v | q] eqn:E; try discriminate.
      + injection H; intros; subst. destruct (intact_is_stable promises _ _ _ _ E) as (_ & stays). rewrite stays. reflexivity.
      + destruct (hunt_gives_no_frame _ _ _ _ _ _ _ _ _ H).
    - destruct (hunt_gives_no_frame _ _ _ _ _ _ _ _ _ H).
  Qed.

  Lemma error_is_stable : forall s b f c, step s b = Error f c -> forall y, step s (b ++ y) = Error f (c ++ y).
  Proof. intros s b f. destruct f. Qed.

  Lemma same_answer : forall s b s' c es z, runs step s' c es z -> step s b = step s' c -> step s' c <> NeedMore ->
    runs step s b es z.
  Proof.
    intros s b s' c es z R same news. inversion R; subst; try congruence.
    - apply runs_error; congruence.
    - eapply runs_frame; eauto; congruence.
    - eapply runs_discard; eauto; congruence.
  Qed.

  Lemma hunted_bytes_do_not_show : forall k o from r w b c s', k <= length b -> hunt k o from r w b = Discard c s' ->
    forall y s, step s (b ++ y) = hunt k o from r w (b ++ y) ->
    forall es z, runs step s' (c ++ y) es z -> runs step s (b ++ y) es z.
  Proof.
    intros k o from r w b c s' some H y s same es z R. unfold hunt in H, same.
    destruct (next_start b k) as [n | n] eqn:E.
    - injection H; intros; subst. rewrite (next_start_is_stable _ alike _ _ _ some E y) in same.
      pose proof (proj2 (next_start_lies_within_the_input _ alike _ _ _ E) some) as within.
      rewrite bytes_after_stay in same by auto. eapply runs_discard; eauto.
    - destruct n as [| n]; [discriminate |]. injection H; intros; subst. clear H.
      change (match b with [] => [] | _ :: l => skipn n l end) with (skipn (S n) b) in R.
      pose proof (no_start_is_claimed_beyond_the_input _ alike _ _ _ E some) as within.
      rewrite (bytes_before_the_next_start_do_not_show _ alike _ _ _ some E) in same by lia.
      destruct (next_start (skipn (S n) b ++ y) 0) as [i | [| i]] eqn:N.
      + eapply same_answer; [exact R | |]; [rewrite same |]; change (step (Lost (o + S n) from r w)) with (hunt 0 (o + S n) from r w);
          unfold hunt; rewrite N; [| discriminate].
        rewrite <- Nat.add_assoc. f_equal. rewrite <- bytes_after_stay by auto. rewrite skip_twice. reflexivity.
      + rewrite Nat.add_0_r in same. eapply runs_discard; [exact same |]. rewrite bytes_after_stay by auto. assumption.
      + eapply same_answer; [exact R | |]; [rewrite same |]; change (step (Lost (o + S n) from r w)) with (hunt 0 (o + S n) from r w);
          unfold hunt; rewrite N; [| discriminate].
        simpl Nat.add at 1. cbn iota. rewrite <- bytes_after_stay by auto. rewrite skip_twice.
        f_equal. f_equal. lia.
  Qed.

  Lemma filler_does_not_show : forall w b n v, look w b = Between n v -> forall (at_ : nat -> Word F -> state) o,
    (forall i u c m t, look u c = Between m t -> step (at_ i u) c = Discard (skipn m c) (at_ (i + m) t)) ->
    forall y es z, runs step (at_ (o + n) v) (skipn n b ++ y) es z -> runs step (at_ o w) (b ++ y) es z.
  Proof.
    intros w b n v E at_ o steps y es z R. pose proof (between_lies_within promises _ _ _ _ E) as within.
    destruct (between_in_parts promises _ _ _ _ E y) as [D | (m & u & D & D')].
    - eapply runs_discard; [apply steps; exact D |]. rewrite bytes_after_stay by lia. assumption.
    - eapply same_answer; [exact R | |]; rewrite (steps _ _ _ _ _ D'); [| discriminate].
      rewrite (steps _ _ _ _ _ D), Nat.add_assoc. f_equal.
      rewrite <- bytes_after_stay by lia. rewrite skip_twice. reflexivity.
  Qed.

  Lemma discarded_bytes_do_not_show : forall s b c s', step s b = Discard c s' ->
    forall y es z, runs step s' (c ++ y) es z -> runs step s (b ++ y) es z.
  Proof.
    intros [o w | o from r w | o from r w] b c s' H y es z R; simpl in H.
    - destruct (look w b) as [| n v | x v | q] eqn:E; try discriminate.
      + injection H; intros; subst. eapply (filler_does_not_show _ _ _ _ E At); eauto.
        intros i u c m t D. simpl. rewrite D. reflexivity.
      + eapply hunted_bytes_do_not_show; [eapply rejected_is_not_empty; eauto | exact H | | exact R].
        simpl. rewrite (rejected_is_stable promises _ _ _ E y). reflexivity.
    - destruct (look w b) as [| n v | x v | q] eqn:E; try discriminate.
      + injection H; intros; subst. eapply (filler_does_not_show _ _ _ _ E (fun i u => Hunting i from r u)); eauto.
        intros i u c m t D. simpl. rewrite D. reflexivity.
      + eapply hunted_bytes_do_not_show; [eapply rejected_is_not_empty; eauto | exact H | | exact R].
        simpl. rewrite (rejected_is_stable promises _ _ _ E y). reflexivity.
    - eapply hunted_bytes_do_not_show; [| exact H | reflexivity | exact R]. lia.
  Qed.

  Definition weight (s : state) (b : list (Byte F)) : nat :=
    match s with
    | At _ _ => 3 * length b
    | Hunting _ _ _ _ => 3 * length b + 1
    | Lost _ _ _ _ => 3 * length b + 2
    end.

  Lemma hunt_loses_weight : forall k o from r w b c s', k <= length b -> hunt k o from r w b = Discard c s' ->
    weight s' c < 3 * length b + 2 /\ (k = 1 -> weight s' c < 3 * length b).
  Proof.
    intros k o from r w b c s' some H. unfold hunt in H. destruct (next_start b k) as [n | n] eqn:E.
    - injection H; intros; subst. pose proof (next_start_lies_within_the_input _ alike _ _ _ E) as (after & within).
      specialize (within some). simpl. rewrite skipn_length. lia.
    - destruct n as [| n]; [discriminate |]. injection H; intros; subst.
      pose proof (no_start_is_claimed_beyond_the_input _ alike _ _ _ E some) as within.
      change (match b with [] => [] | _ :: l => skipn n l end) with (skipn (S n) b).
      unfold weight. rewrite skipn_length. lia.
  Qed.

  Lemma every_run_ends : forall s b, exists es z, runs step s b es z.
  Proof.
    apply runs_that_lose_weight_end with weight.
    - intros [o w | o from r w | o from r w] b e c s' H; simpl in H.
      + destruct (look w b) as [| n v | x v | q] eqn:E; try discriminate.
        * injection H; intros; subst. destruct (intact_is_stable promises _ _ _ _ E) as (within & _).
          unfold weight. rewrite skipn_length. lia.
        * destruct (hunt_gives_no_frame _ _ _ _ _ _ _ _ _ H).
      + destruct (look w b) as [| n v | x v | q] eqn:E; try discriminate.
        * injection H; intros; subst. unfold weight. lia.
        * destruct (hunt_gives_no_frame _ _ _ _ _ _ _ _ _ H).
      + destruct (hunt_gives_no_frame _ _ _ _ _ _ _ _ _ H).
    - intros [o w | o from r w | o from r w] b c s' H; simpl in H.
      + destruct (look w b) as [| n v | x v | q] eqn:E; try discriminate.
        * injection H; intros; subst. pose proof (between_lies_within promises _ _ _ _ E). unfold weight.
          rewrite skipn_length. lia.
        * pose proof (rejected_is_not_empty _ _ _ E) as some. apply (hunt_loses_weight _ _ _ _ _ _ _ _ some H). reflexivity.
      + destruct (look w b) as [| n v | x v | q] eqn:E; try discriminate.
        * injection H; intros; subst. pose proof (between_lies_within promises _ _ _ _ E). unfold weight.
          rewrite skipn_length. lia.
        * pose proof (rejected_is_not_empty _ _ _ E) as some.
          pose proof (proj2 (hunt_loses_weight _ _ _ _ _ _ _ _ some H) eq_refl). simpl. lia.
      + assert (0 <= length b) as some by lia. pose proof (proj1 (hunt_loses_weight _ _ _ _ _ _ _ _ some H)).
        simpl. lia.
  Qed.

  (** Laws 2 and 8 under [Resync], from any word at the start. *)
  Theorem split_never_shows_with_resync : forall w chunks, exists es z,
    feeds step (At 0 w) [] chunks es z /\
    runs step (At 0 w) (concat chunks) es z /\
    forall others es' z', concat others = concat chunks -> feeds step (At 0 w) [] others es' z' -> es' = es /\ z' = z.
  Proof.
    intros w. apply split_never_shows.
    - apply empty_asks_for_more.
    - apply frame_is_stable.
    - apply error_is_stable.
    - apply discarded_bytes_do_not_show.
    - apply every_run_ends.
  Qed.
End Resync.
