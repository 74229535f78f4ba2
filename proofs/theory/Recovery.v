(** The policies [Fail], [SkipOversize] and [SkipFrame]: a rejected frame is an error, or is skipped to its end.

    The bytes of a skipped frame are dropped as they come, so the cuts decide how many of them are in the window. The theorem
    states that this does not show. *)

Require Import List Lia PeanoNat.
From Proofs Require Import Split Framing.
Import ListNotations.

(** How a rejected frame goes: more bytes are needed; some of the window is dropped; the frame has ended; it has no end that
    could be found, or something else is wrong with it, such as the trailer of a frame that was only too long. *)
Inductive skipped (Byte Word Memory Reason : Type) : Type :=
| Waits
| Drops (window : list Byte) (memory : Memory)
| Ends (window : list Byte) (next : Word)
| Never (window : list Byte) (reason : option Reason).

Arguments Waits {Byte Word Memory Reason}.
Arguments Drops {Byte Word Memory Reason}.
Arguments Ends {Byte Word Memory Reason}.
Arguments Never {Byte Word Memory Reason}.

(** The search for the end of a rejected frame: the announced length, or a lenient [locate] that is resumed. *)
Record skipping (F : framing) : Type := {
  Memory : Type;
  begin : Word F -> list (Byte F) -> Memory;
  skip : Memory -> list (Byte F) -> skipped (Byte F) (Word F) Memory (Reason F);
}.

Arguments Memory {F}.
Arguments begin {F}.
Arguments skip {F}.

Record skips_alike (F : framing) (K : skipping F) : Prop := {
  skip_begins_alike : forall w b r, look w b = Rejected r -> forall y, begin K w (b ++ y) = begin K w b;
  skipped_frame_is_not_empty : forall w b r c v, look w b = Rejected r -> skip K (begin K w b) b = Ends c v ->
    length c < length b;
  skipped_bytes_lie_within_the_input : forall m b,
    (forall c m', skip K m b = Drops c m' -> length c < length b) /\
    (forall c v, skip K m b = Ends c v -> length c <= length b);
  skipped_bytes_do_not_show : forall m b c m', skip K m b = Drops c m' -> forall y,
    skip K m (b ++ y) = Drops (c ++ y) m' \/
    skip K m (b ++ y) = skip K m' (c ++ y) /\ skip K m' (c ++ y) <> Waits;
  end_of_a_skipped_frame_is_stable : forall m b c v, skip K m b = Ends c v ->
    forall y, skip K m (b ++ y) = Ends (c ++ y) v;
  failed_skip_is_stable : forall m b c r, skip K m b = Never c r ->
    forall y, skip K m (b ++ y) = Never (c ++ y) r;
}.

Section Policy.
  Context {F : framing}.
  Hypothesis promises : keeps_its_promises F.
  Variable K : skipping F.
  Hypothesis alike : skips_alike F K.

  (** The policy: which rejected frames are skipped. *)
  Variable skips : Reason F -> bool.

  (** An event with its offset in the stream. *)
  Inductive event : Type :=
  | FrameAt (offset : nat) (bytes : list (Byte F))
  | StretchAt (offset len : nat) (reason : Reason F).

  Inductive state : Type :=
  | At (offset : nat) (word : Word F)
  | Skipping (offset gone : nat) (reason : Reason F) (memory : Memory K).

  (** An error with the offset of its frame. *)
  Definition fault : Type := (nat * Reason F)%type.

  Definition answers : Type := answer (Byte F) state event fault.

  Definition go_on (o gone : nat) (r : Reason F) (b : list (Byte F)) (s : skipped (Byte F) (Word F) (Memory K) (Reason F))
    : answers :=
    match s with
    | Waits => NeedMore
    | Drops c m => Discard c (Skipping o (gone + (length b - length c)) r m)
    | Ends c v =>
        let len := gone + (length b - length c) in
        Frame (StretchAt o len r) c (At (o + len) v)
    | Never c None => Error (o, r) c
    | Never c (Some q) => Error (o, q) c
    end.

  Definition step (s : state) (b : list (Byte F)) : answers :=
    match s with
    | Skipping o gone r m => go_on o gone r b (skip K m b)
    | At o w =>
        match look w b with
        | Unfinished => NeedMore
        | Between n v => Discard (skipn n b) (At (o + n) v)
        | Intact x v => Frame (FrameAt o (firstn (frame_len x) b)) (skipn (frame_len x) b) (At (o + frame_len x) v)
        | Rejected r => if skips r then go_on o 0 r b (skip K (begin K w b) b) else Error (o, r) b
        end
    end.

  Lemma empty_asks_for_more : forall o w, step (At o w) [] = NeedMore.
  Proof. intros. simpl. rewrite nothing_is_unfinished; auto. Qed.

  Lemma go_on_is_stable : forall o gone r m b, match go_on o gone r b (skip K m b) with
    | NeedMore => True
    | Discard _ _ => True
    | Frame e c s => forall y, go_on o gone r (b ++ y) (skip K m (b ++ y)) = Frame e (c ++ y) s
    | Error f c => forall y, go_on o gone r (b ++ y) (skip K m (b ++ y)) = Error f (c ++ y)
    end.
  Proof.
    intros. destruct (skip K m b) as [| c m' | c v | c q] eqn:E; simpl; auto.
    - intros y. rewrite (end_of_a_skipped_frame_is_stable _ _ alike _ _ _ _ E y). simpl. rewrite !app_length.
      replace (length b + length y - (length c + length y)) with (length b - length c) by lia. reflexivity.
    - destruct q; intros y; rewrite (failed_skip_is_stable _ _ alike _ _ _ _ E y); reflexivity.
  Qed.

  Lemma frame_is_stable : forall s b e c s', step s b = Frame e c s' -> forall y, step s (b ++ y) = Frame e (c ++ y) s'.
  Proof.
    intros [o w | o gone r m] b e c s' H y; simpl in *.
    - destruct (look w b) as [| n v | x v | r] eqn:E; try discriminate.
      + injection H; intros; subst. destruct (intact_is_stable promises _ _ _ _ E) as ((some & there) & stays).
        rewrite stays, first_bytes_stay, bytes_after_stay by auto. reflexivity.
      + rewrite (rejected_is_stable promises _ _ _ E y). destruct (skips r); try discriminate.
        rewrite (skip_begins_alike _ _ alike _ _ _ E y).
        pose proof (go_on_is_stable o 0 r (begin K w b) b) as G. rewrite H in G. apply G.
    - pose proof (go_on_is_stable o gone r m b) as G. rewrite H in G. apply G.
  Qed.

  Lemma error_is_stable : forall s b f c, step s b = Error f c -> forall y, step s (b ++ y) = Error f (c ++ y).
  Proof.
    intros [o w | o gone r m] b f c H y; simpl in *.
    - destruct (look w b) as [| n v | x v | r] eqn:E; try discriminate.
      rewrite (rejected_is_stable promises _ _ _ E y). destruct (skips r).
      + rewrite (skip_begins_alike _ _ alike _ _ _ E y).
        pose proof (go_on_is_stable o 0 r (begin K w b) b) as G. rewrite H in G. apply G.
      + injection H; intros; subst. reflexivity.
    - pose proof (go_on_is_stable o gone r m b) as G. rewrite H in G. apply G.
  Qed.

  (** Two steps with one answer, other than [NeedMore], go on alike. *)
  Lemma same_answer : forall s b s' c es z, runs step s' c es z -> step s b = step s' c -> step s' c <> NeedMore ->
    runs step s b es z.
  Proof.
    intros s b s' c es z R same news. inversion R; subst; try congruence.
    - apply runs_error; congruence.
    - eapply runs_frame; eauto; congruence.
    - eapply runs_discard; eauto; congruence.
  Qed.

  Lemma dropped_bytes_do_not_show : forall o gone r m b c m', skip K m b = Drops c m' ->
    forall y s, step s (b ++ y) = go_on o gone r (b ++ y) (skip K m (b ++ y)) ->
    forall es z, runs step (Skipping o (gone + (length b - length c)) r m') (c ++ y) es z -> runs step s (b ++ y) es z.
  Proof.
    intros o gone r m b c m' E y s same es z R.
    pose proof (proj1 (skipped_bytes_lie_within_the_input _ _ alike m b) _ _ E) as shorter.
    destruct (skipped_bytes_do_not_show _ _ alike _ _ _ _ E y) as [D | (D & news)]; rewrite D in same.
    - eapply runs_discard; [rewrite same; reflexivity |]. rewrite !app_length.
      replace (length b + length y - (length c + length y)) with (length b - length c) by lia. assumption.
    - pose proof (skipped_bytes_lie_within_the_input _ _ alike m' (c ++ y)) as (drops & ends).
      eapply same_answer; [exact R | |]; rewrite ?same; simpl;
        destruct (skip K m' (c ++ y)) as [| d n | d v | d [q |]]; simpl; try congruence.
      + specialize (drops _ _ eq_refl). rewrite !app_length in *. do 2 f_equal. lia.
      + specialize (ends _ _ eq_refl). rewrite !app_length in *.
        replace (gone + (length b - length c) + (length c + length y - length d))
          with (gone + (length b + length y - length d)) by lia. reflexivity.
  Qed.

  Lemma discarded_bytes_do_not_show : forall s b c s', step s b = Discard c s' ->
    forall y es z, runs step s' (c ++ y) es z -> runs step s (b ++ y) es z.
  Proof.
    assert (forall o gone r m b c s', go_on o gone r b (skip K m b) = Discard c s' -> exists m',
      skip K m b = Drops c m' /\ s' = Skipping o (gone + (length b - length c)) r m') as dropped.
    { intros o gone r m b c s' H. destruct (skip K m b) as [| d n | d v | d [q |]]; try discriminate.
      injection H; intros; subst. eauto. }
    intros [o w | o gone r m] b c s' H y es z R; simpl in H.
    - destruct (look w b) as [| n v | x v | r] eqn:E; try discriminate.
      + injection H; intros; subst. pose proof (between_lies_within promises _ _ _ _ E) as within.
        destruct (between_in_parts promises _ _ _ _ E y) as [D | (m & u & D & D')].
        * eapply runs_discard; [simpl; rewrite D; reflexivity |]. rewrite bytes_after_stay by lia. assumption.
        * pose proof (between_lies_within promises _ _ _ _ D') as within'.
          eapply same_answer; [exact R | |]; simpl; rewrite ?D, D'; [| discriminate].
          rewrite Nat.add_assoc. f_equal. rewrite <- bytes_after_stay by lia. rewrite skip_twice. reflexivity.
      + destruct (skips r) eqn:S; [| discriminate].
        destruct (dropped _ _ _ _ _ _ _ H) as (m' & D & ->).
        eapply dropped_bytes_do_not_show; eauto. simpl. rewrite (rejected_is_stable promises _ _ _ E y), S.
        rewrite (skip_begins_alike _ _ alike _ _ _ E y). reflexivity.
    - destruct (dropped _ _ _ _ _ _ _ H) as (m' & D & ->). eapply dropped_bytes_do_not_show; eauto. reflexivity.
  Qed.

  Definition weight (s : state) (b : list (Byte F)) : nat :=
    match s with
    | At _ _ => 2 * length b
    | Skipping _ _ _ _ => 2 * length b + 1
    end.

  Lemma every_run_ends : forall s b, exists es z, runs step s b es z.
  Proof.
    apply runs_that_lose_weight_end with weight.
    - intros [o w | o gone r m] b e c s' H; simpl in H.
      + destruct (look w b) as [| n v | x v | r] eqn:E; try discriminate.
        * injection H; intros; subst. destruct (intact_is_stable promises _ _ _ _ E) as (within & _).
          simpl. rewrite skipn_length. lia.
        * destruct (skips r); [| discriminate]. destruct (skip K (begin K w b) b) as [| d n | d v | d [q |]] eqn:D;
            try discriminate. injection H; intros; subst. simpl.
          pose proof (skipped_frame_is_not_empty _ _ alike _ _ _ _ _ E D). lia.
      + pose proof (proj2 (skipped_bytes_lie_within_the_input _ _ alike m b)) as ends.
        destruct (skip K m b) as [| d n | d v | d [q |]]; try discriminate. injection H; intros; subst. simpl.
        specialize (ends _ _ eq_refl). lia.
    - intros [o w | o gone r m] b c s' H; simpl in H.
      + destruct (look w b) as [| n v | x v | r] eqn:E; try discriminate.
        * injection H; intros; subst. pose proof (between_lies_within promises _ _ _ _ E). simpl. rewrite skipn_length. lia.
        * destruct (skips r); [| discriminate].
          pose proof (proj1 (skipped_bytes_lie_within_the_input _ _ alike (begin K w b) b)) as drops.
          destruct (skip K (begin K w b) b) as [| d n | d v | d [q |]]; try discriminate.
          injection H; intros; subst. simpl. specialize (drops _ _ eq_refl). lia.
      + pose proof (proj1 (skipped_bytes_lie_within_the_input _ _ alike m b)) as drops.
        destruct (skip K m b) as [| d n | d v | d [q |]]; try discriminate. injection H; intros; subst. simpl.
        specialize (drops _ _ eq_refl). lia.
  Qed.

  (** Laws 2 and 8 under [Fail], [SkipOversize] and [SkipFrame], from any word at the start. *)
  Theorem split_never_shows_with_skipping : forall w chunks, exists es z,
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
End Policy.

(** The hypotheses above hold for a frame of a known length; [left] of its bytes are still to come. So they demand something
    only of the search of a framing without announced lengths. *)
Section KnownLength.
  Context {Byte Word Reason : Type}.

  Definition skip_known (m : nat * Word) (b : list Byte) : skipped Byte Word (nat * Word) Reason :=
    let (left, v) := m in
    if left <=? length b then Ends (skipn left b) v
    else match b with
         | [] => Waits
         | _ => Drops [] (left - length b, v)
         end.

  Theorem known_length_is_skipped_alike : forall m b,
    (forall c m', skip_known m b = Drops c m' -> length c < length b) /\
    (forall c v, skip_known m b = Ends c v -> length c <= length b) /\
    (forall c v y, skip_known m b = Ends c v -> skip_known m (b ++ y) = Ends (c ++ y) v) /\
    (forall c m' y, skip_known m b = Drops c m' ->
      skip_known m (b ++ y) = Drops (c ++ y) m' \/
      skip_known m (b ++ y) = skip_known m' (c ++ y) /\ skip_known m' (c ++ y) <> Waits).
  Proof.
    intros (left, v) b. unfold skip_known. destruct (Nat.leb_spec left (length b)) as [there | short].
    - repeat split; try discriminate.
      + intros c u H. injection H; intros; subst. rewrite skipn_length. lia.
      + intros c u y H. injection H; intros; subst. destruct (Nat.leb_spec left (length (b ++ y))) as [| S].
        * rewrite bytes_after_stay by lia. reflexivity.
        * rewrite app_length in S. lia.
    - destruct b as [| a b]; [repeat split; discriminate |].
      split; [| split; [| split]]; try discriminate.
      + intros c m' H. injection H; intros; subst. simpl. lia.
      + intros c m' y H. injection H; intros; subst. destruct y as [| a' y].
        * left. rewrite app_nil_r. simpl length in *. destruct (Nat.leb_spec left (S (length b))); [lia | reflexivity].
        * right. simpl. rewrite !app_length in *. simpl in *.
          destruct (Nat.leb_spec left (S (length b + S (length y))));
            destruct (Nat.leb_spec (left - S (length b)) (S (length y))); try lia.
          -- split; [| discriminate]. f_equal.
             replace left with (S (length b) + (left - S (length b))) at 1 by lia.
             change (a :: b ++ a' :: y) with ((a :: b) ++ a' :: y).
             rewrite skipn_app. rewrite skipn_all2 by (simpl; lia). simpl app. f_equal. simpl length. lia.
          -- split; [| discriminate]. do 2 f_equal. lia.
  Qed.
End KnownLength.
