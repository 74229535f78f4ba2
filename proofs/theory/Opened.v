(** Frames that are opened in place, in the decoder's own window, and payloads that are checked and opened in parts. *)

Require Import List PeanoNat Lia.
From Proofs Require Import Split Framing.
Import ListNotations.

Section InPlace.
  Context {Byte : Type}.
  Variable open : list Byte -> list Byte.

  Hypothesis opening_never_grows : forall payload, length (open payload) <= length payload.

  (** The window after the payload at [header] was opened in place: the opened bytes come first, and what stood in the rest of
      the payload's place stays there. *)
  Definition rewritten (header len : nat) (window : list Byte) : list Byte :=
    let payload := firstn len (skipn header window) in
    firstn header window ++ open payload ++ skipn (length (open payload)) payload ++ skipn (header + len) window.

  Lemma rewritten_payload_has_its_length : forall header len window, header + len <= length window ->
    length (open (firstn len (skipn header window)) ++
      skipn (length (open (firstn len (skipn header window)))) (firstn len (skipn header window))) = len.
  Proof.
    intros header len window within. rewrite app_length, skipn_length.
    pose proof (opening_never_grows (firstn len (skipn header window))) as small.
    rewrite firstn_length, skipn_length in *. lia.
  Qed.

  (** Nothing after the payload changes: neither the trailer nor the frames after it in the window. *)
  Theorem opening_changes_no_later_byte : forall header len window from, header + len <= length window ->
    header + len <= from -> skipn from (rewritten header len window) = skipn from window.
  Proof.
    intros header len window from within after. unfold rewritten.
    pose proof (rewritten_payload_has_its_length _ _ _ within) as same.
    rewrite (app_assoc (open _)). rewrite app_assoc, skipn_app.
    rewrite skipn_all2 by (rewrite app_length, same, firstn_length; lia).
    rewrite app_length, same, firstn_length, Nat.min_l by lia. simpl. rewrite skip_twice. f_equal. lia.
  Qed.

  Theorem opening_keeps_the_header : forall header len window, header + len <= length window ->
    firstn header (rewritten header len window) = firstn header window.
  Proof.
    intros header len window within. unfold rewritten. rewrite firstn_app, firstn_firstn, firstn_length, Nat.min_id.
    replace (header - Nat.min header (length window)) with 0 by lia. simpl. apply app_nil_r.
  Qed.

  Theorem opened_payload_is_in_its_place : forall header len window, header + len <= length window ->
    let opened := open (firstn len (skipn header window)) in
    firstn (length opened) (skipn header (rewritten header len window)) = opened.
  Proof.
    intros header len window within opened. unfold rewritten. rewrite skipn_app.
    rewrite skipn_all2 by (rewrite firstn_length; lia). rewrite firstn_length, Nat.min_l, Nat.sub_diag by lia. simpl.
    fold opened. rewrite firstn_app, Nat.sub_diag, firstn_all. simpl. apply app_nil_r.
  Qed.
End InPlace.

Section Events.
  Context {Byte State Event Opened Fault : Type}.
  Variable step : State -> list Byte -> answer Byte State Event Fault.
  Variable view : Event -> Opened.

  (** The decoder that returns what [view] makes of each frame: the opened frame, or the pieces of its payload. *)
  Definition step_opened (s : State) (b : list Byte) : answer Byte State Opened Fault :=
    match step s b with
    | NeedMore => NeedMore
    | Frame e c s' => Frame (view e) c s'
    | Discard c s' => Discard c s'
    | Error f c => Error f c
    end.

  (** Opening does not see how the stream was cut: the opened frames of any chunks are those of the frames. *)
  Theorem opened_frames_follow_the_frames : forall s b es z, runs step s b es z -> runs step_opened s b (map view es) z.
  Proof.
    induction 1 as [s b H | s b f c H | s b e c s' es z H R IH | s b c s' es z H R IH]; simpl.
    - apply runs_need. unfold step_opened. rewrite H. reflexivity.
    - apply runs_error. unfold step_opened. rewrite H. reflexivity.
    - eapply runs_frame; eauto. unfold step_opened. rewrite H. reflexivity.
    - eapply runs_discard; eauto. unfold step_opened. rewrite H. reflexivity.
  Qed.

  Theorem opened_feed_follows_the_feed : forall s b xs es z, feeds step s b xs es z ->
    feeds step_opened s b xs (map view es) z.
  Proof.
    induction 1; simpl.
    - constructor.
    - rewrite map_app. econstructor; eauto. apply opened_frames_follow_the_frames. assumption.
    - constructor. apply opened_frames_follow_the_frames. assumption.
  Qed.
End Events.

Section Parts.
  Context {Byte Memo Sum : Type}.
  Variable open : Memo -> list Byte -> list Byte * Memo.
  Variable sum : Sum -> list Byte -> Sum.

  Hypothesis opened_parts_are_the_opened_payload : forall m a b,
    open m (a ++ b) = (fst (open m a) ++ fst (open (snd (open m a)) b), snd (open (snd (open m a)) b)).

  Hypothesis checked_parts_are_the_checked_frame : forall s a b, sum s (a ++ b) = sum (sum s a) b.

  Fixpoint open_parts (m : Memo) (parts : list (list Byte)) : list Byte * Memo :=
    match parts with
    | [] => open m []
    | part :: rest => let (opened, n) := open m part in let (more, last) := open_parts n rest in (opened ++ more, last)
    end.

  (** However a payload is cut into parts, its opened parts are the opened payload. *)
  Theorem payload_opened_in_any_parts : forall parts m, open_parts m parts = open m (concat parts).
  Proof.
    induction parts as [| part rest IH]; intros m; simpl; auto.
    rewrite opened_parts_are_the_opened_payload. destruct (open m part) as (opened, n). simpl. rewrite IH.
    destruct (open n (concat rest)). reflexivity.
  Qed.

  Theorem frame_checked_in_any_parts : forall parts s, fold_left sum parts (sum s []) = sum s (concat parts).
  Proof.
    assert (forall parts s a, fold_left sum parts (sum s a) = sum s (a ++ concat parts)) as all.
    { induction parts as [| part rest IH]; intros s a; simpl; [rewrite app_nil_r; reflexivity |].
      rewrite <- checked_parts_are_the_checked_frame, IH, app_assoc. reflexivity. }
    intros. apply all.
  Qed.
End Parts.
