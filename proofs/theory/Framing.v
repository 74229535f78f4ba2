(** What a framing promises, and what that makes of the bytes at the front of the window.

    [locate] and [check] are the methods of the trait. The bytes begin with a frame. The word is what the frame before left
    for this one, such as that the header of the stream has come, or that a line ended with a CR. *)

Require Import List Lia PeanoNat.
Import ListNotations.

Inductive located (Extent Word Reason : Type) : Type :=
| Unknown
| Filler (count : nat) (next : Word)
| Known (extent : Extent) (next : Word)
| Wrong (reason : Reason).

Arguments Unknown {Extent Word Reason}.
Arguments Filler {Extent Word Reason}.
Arguments Known {Extent Word Reason}.
Arguments Wrong {Extent Word Reason}.

(** [NotBefore n]: no frame begins in the first [n] bytes, and none of these bytes is needed to find the next start. *)
Inductive next_start_answer : Type :=
| StartsAt (index : nat)
| NotBefore (index : nat).

Record framing : Type := {
  Byte : Type;
  Word : Type;
  Extent : Type;
  Reason : Type;
  frame_len : Extent -> nat;
  locate : Word -> list Byte -> located Extent Word Reason;
  (** The bytes are the frame's, from first to last. [None]: it is intact. *)
  check : Extent -> list Byte -> option Reason;
  (** Where the next frame may begin, at or after an index. *)
  next_start : list Byte -> nat -> next_start_answer;
}.

Arguments frame_len {_}.
Arguments locate {_}.
Arguments check {_}.
Arguments next_start {_}.

Record keeps_its_promises (F : framing) : Prop := {
  nothing_is_judged_before_a_byte : forall w : Word F,
    locate w [] = Unknown \/ exists x v, locate w [] = Known x v;
  frames_are_not_empty : forall (w : Word F) b x v, locate w b = Known x v -> 0 < frame_len x;
  known_is_final : forall (w : Word F) b x v, locate w b = Known x v -> forall y, locate w (b ++ y) = Known x v;
  fault_is_final : forall (w : Word F) b r, locate w b = Wrong r -> forall y, locate w (b ++ y) = Wrong r;
  filler_lies_within_the_input : forall (w : Word F) b n v, locate w b = Filler n v -> 0 < n <= length b;
  filler_in_parts_is_one_filler : forall (w : Word F) b n v, locate w b = Filler n v -> forall y,
    locate w (b ++ y) = Filler n v \/
    exists m u, locate w (b ++ y) = Filler (n + m) u /\ locate v (skipn n b ++ y) = Filler m u;
}.

(** What is at the front of the window. *)
Inductive sight (F : framing) : Type :=
| Unfinished
| Between (count : nat) (next : Word F)
| Intact (extent : Extent F) (next : Word F)
| Rejected (reason : Reason F).

Arguments Unfinished {F}.
Arguments Between {F}.
Arguments Intact {F}.
Arguments Rejected {F}.

Definition look {F : framing} (w : Word F) (b : list (Byte F)) : sight F :=
  match locate w b with
  | Unknown => Unfinished
  | Filler n v => Between n v
  | Wrong r => Rejected r
  | Known x v =>
      if length b <? frame_len x then Unfinished
      else match check x (firstn (frame_len x) b) with
           | Some r => Rejected r
           | None => Intact x v
           end
  end.

Section Sights.
  Context {F : framing}.
  Hypothesis promises : keeps_its_promises F.

  Ltac known x b :=
    destruct (Nat.ltb_spec (length b) (frame_len x)) as [short | there]; try discriminate.

  Lemma first_bytes_stay : forall (A : Type) n (b y : list A), n <= length b -> firstn n (b ++ y) = firstn n b.
  Proof. intros. rewrite firstn_app. replace (n - length b) with 0 by lia. simpl. apply app_nil_r. Qed.

  Lemma bytes_after_stay : forall (A : Type) n (b y : list A), n <= length b -> skipn n (b ++ y) = skipn n b ++ y.
  Proof. intros. rewrite skipn_app. replace (n - length b) with 0 by lia. reflexivity. Qed.

  Lemma skip_twice : forall (A : Type) n m (b : list A), skipn m (skipn n b) = skipn (n + m) b.
  Proof. induction n; intros; auto. destruct b; simpl; auto. apply skipn_nil. Qed.

  Lemma nothing_is_unfinished : forall w : Word F, look w [] = Unfinished.
  Proof.
    intros w. unfold look. destruct (nothing_is_judged_before_a_byte _ promises w) as [-> | (x & v & E)]; auto.
    rewrite E. pose proof (frames_are_not_empty _ promises _ _ _ _ E) as some.
    simpl. destruct (Nat.ltb_spec 0 (frame_len x)); [reflexivity | lia].
  Qed.

  Lemma longer_window_locates_the_same : forall (b y : list (Byte F)) (x : Extent F), frame_len x <= length b ->
    (length (b ++ y) <? frame_len x) = false /\ firstn (frame_len x) (b ++ y) = firstn (frame_len x) b.
  Proof.
    intros. split; [apply Nat.ltb_ge; rewrite app_length; lia | apply first_bytes_stay; auto].
  Qed.

  Lemma intact_is_stable : forall (w : Word F) b x v, look w b = Intact x v ->
    0 < frame_len x <= length b /\ forall y, look w (b ++ y) = Intact x v.
  Proof.
    unfold look. intros w b x v. destruct (locate w b) as [| n u | z u | r] eqn:E; try discriminate.
    known z b. destruct (check z _) eqn:C; try discriminate. intros H. injection H; intros; subst.
    split; [split; auto; eapply frames_are_not_empty; eauto |].
    intros y. rewrite (known_is_final _ promises _ _ _ _ E y).
    destruct (longer_window_locates_the_same b y x there) as (-> & ->). rewrite C. reflexivity.
  Qed.

  Lemma rejected_is_stable : forall (w : Word F) b r, look w b = Rejected r -> forall y, look w (b ++ y) = Rejected r.
  Proof.
    unfold look. intros w b r. destruct (locate w b) as [| n u | z u | s] eqn:E; try discriminate.
    - known z b. destruct (check z _) eqn:C; try discriminate. intros H y. injection H; intros; subst.
      rewrite (known_is_final _ promises _ _ _ _ E y).
      destruct (longer_window_locates_the_same b y z there) as (-> & ->). rewrite C. reflexivity.
    - intros H y. injection H; intros; subst. rewrite (fault_is_final _ promises _ _ _ E y). reflexivity.
  Qed.

  Lemma between_lies_within : forall (w : Word F) b n v, look w b = Between n v -> 0 < n <= length b.
  Proof.
    unfold look. intros w b n v. destruct (locate w b) as [| m u | z u | s] eqn:E; try discriminate.
    - intros H. injection H; intros; subst. eapply filler_lies_within_the_input; eauto.
    - known z b. destruct (check z _); discriminate.
  Qed.

  Lemma between_in_parts : forall (w : Word F) b n v, look w b = Between n v -> forall y,
    look w (b ++ y) = Between n v \/
    exists m u, look w (b ++ y) = Between (n + m) u /\ look v (skipn n b ++ y) = Between m u.
  Proof.
    unfold look. intros w b n v. destruct (locate w b) as [| m u | z u | s] eqn:E; try discriminate.
    - intros H y. injection H; intros; subst.
      destruct (filler_in_parts_is_one_filler _ promises _ _ _ _ E y) as [-> | (m & t & -> & ->)]; eauto 6.
    - known z b. destruct (check z _); discriminate.
  Qed.
End Sights.
